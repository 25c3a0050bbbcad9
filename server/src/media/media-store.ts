import { randomBytes } from 'node:crypto'
import { extname } from 'node:path'
import type { Readable } from 'node:stream'

declare const mediaName: unique symbol

/** A folder of ours and 128 random bits: `avatars/….webp`. Nobody guesses it, and what is under it never changes. */
export type MediaName = string & { readonly [mediaName]: true }

export type MediaFolder = 'avatars'

/** A file that is being read. Whoever opened it reads its bytes to the end or destroys them. */
export interface MediaFile {
  readonly size: number
  /** Such as `image/webp`: by its name, whatever the store thinks. */
  readonly type: string
  readonly bytes: Readable
}

export interface StoredFile {
  readonly name: MediaName
  readonly storedAt: Date
}

/** Where uploaded files are kept. It knows names and bytes, and not whose they are. */
export interface MediaStore {
  /**
   * Keeps the bytes, all of them or none; the name is a new one.
   *
   * @throws MediaStoreError
   */
  put(name: MediaName, bytes: Uint8Array): Promise<void>
  /**
   * Undefined for what is not there.
   *
   * @throws MediaStoreError
   */
  open(name: MediaName): Promise<MediaFile | undefined>
  /**
   * Deleting what is not there is no mistake.
   *
   * @throws MediaStoreError
   */
  delete(name: MediaName): Promise<void>
  /**
   * All files of a folder, in no order: also what is left of a `put` that never ended, under a name nobody was told.
   *
   * @throws MediaStoreError
   */
  list(folder: MediaFolder): AsyncIterable<StoredFile>
}

/** The store cannot do its work: no room, no permission, no connection. */
export class MediaStoreError extends Error {
  override readonly name = 'MediaStoreError'
}

// Lower case only: some disks do not tell letters apart.
const NAME = /^avatars\/[0-9a-f]{32}\.(webp|part)$/

/** What a file may be, by the ending of its name. */
const TYPES: Readonly<Record<string, string>> = { '.webp': 'image/webp' }

export function newMediaName(folder: MediaFolder, ending: 'webp'): MediaName {
  return nameOf(folder, ending)
}

/** For a file that is not all there yet. It is listed and deleted as others are, and never opened. */
export function newPartName(folder: MediaFolder): MediaName {
  return nameOf(folder, 'part')
}

/** Undefined for what can be no file's name, such as a path that leads elsewhere. */
export function parseMediaName(text: string): MediaName | undefined {
  return NAME.test(text) ? (text as MediaName) : undefined
}

/** Undefined for a file that nobody may open. */
export function typeOf(name: MediaName): string | undefined {
  return TYPES[extname(name)]
}

function nameOf(folder: MediaFolder, ending: string): MediaName {
  return `${folder}/${randomBytes(16).toString('hex')}.${ending}` as MediaName
}
