import { constants } from 'node:fs'
import { lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type MediaName, type MediaStore, MediaStoreError, newPartName, parseMediaName, typeOf } from './media-store.ts'

/** Files below one directory, which is made when the first one comes. Several servers need the same one. */
export function makeDiskStore(directory: string): MediaStore {
  /** A name leads nowhere but into its folder: `parseMediaName` and `newMediaName` make no others. */
  const pathOf = (name: MediaName) => join(directory, name)

  return {
    async put(name, bytes) {
      const folder = folderOf(name)
      const part = pathOf(newPartName(folder))
      try {
        await mkdir(join(directory, folder), { recursive: true })
        await write(part, bytes)
        await rename(part, pathOf(name))
      } catch (error) {
        await rm(part, { force: true }).catch(() => {})
        throw failure(`${name} cannot be written`, error)
      }
    },

    async open(name) {
      const type = typeOf(name)
      if (!type) return undefined
      // Not through a link: the directory may belong to somebody who may read less than this process.
      const file = await open(pathOf(name), constants.O_RDONLY | constants.O_NOFOLLOW).catch((error) => {
        if (!NOTHING_THERE.has(error.code)) throw failure(`${name} cannot be read`, error)
      })
      const found = await file?.stat()
      if (!file || !found?.isFile()) {
        await file?.close()
        return undefined
      }
      return { size: found.size, type, bytes: file.createReadStream() }
    },

    async delete(name) {
      await rm(pathOf(name), { force: true }).catch((error) => {
        throw failure(`${name} cannot be deleted`, error)
      })
    },

    async *list(folder) {
      const entries = await readdir(join(directory, folder)).catch((error) => {
        if (error.code === 'ENOENT') return []
        throw failure(`${folder} cannot be listed`, error)
      })
      for (const entry of entries) {
        const name = parseMediaName(`${folder}/${entry}`)
        // Somebody may delete it while we look.
        const found = name && (await lstat(pathOf(name)).catch(() => undefined))
        if (name && found?.isFile()) yield { name, storedAt: found.mtime }
      }
    },
  }
}

/** The error codes of an `open` that finds nothing, or a link. */
const NOTHING_THERE = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'EMLINK'])

async function write(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx')
  try {
    await file.writeFile(bytes)
    // A row will point to it: after a power cut it must not be empty.
    await file.sync()
  } finally {
    await file.close()
  }
}

function folderOf(name: MediaName): 'avatars' {
  return name.slice(0, name.indexOf('/')) as 'avatars'
}

function failure(what: string, cause: unknown): MediaStoreError {
  return new MediaStoreError(what, { cause })
}
