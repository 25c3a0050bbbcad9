import type { Readable } from 'node:stream'
import { badAvatar, formatOf, HEAD_BYTES, type Picture, type PictureFormat } from './picture.ts'

export const AVATAR_BYTES_MAX = 5 * 1_024 * 1_024
const START_BYTES = 64 * 1_024

/**
 * Collects a file as long as it may be a picture: what does not begin as one is refused by its first bytes, what is too
 * large by the byte that is too many. The rest of the source is left where it is.
 *
 * @param hold told how many bytes of memory are taken on top of those before; may refuse them
 * @throws identity.bad-avatar
 */
export async function collectPicture(source: Readable, hold: (bytes: number) => void): Promise<Picture> {
  // One buffer that grows, and not the pieces as they come: a piece of one byte costs a hundred.
  let file = Buffer.alloc(0)
  let length = 0
  let format: PictureFormat | undefined
  // The source may be a part of a request that has more parts: to destroy it would be the end of all of them.
  for await (const piece of source.iterator({ destroyOnReturn: false })) {
    if (length + piece.length > AVATAR_BYTES_MAX) throw badAvatar('too-large')
    if (length + piece.length > file.length) {
      const size = Math.min(AVATAR_BYTES_MAX, Math.max(START_BYTES, 2 * file.length, length + piece.length))
      hold(size - file.length)
      file = Buffer.concat([file.subarray(0, length)], size)
    }
    file.set(piece, length)
    length += piece.length
    format ??= length < HEAD_BYTES ? undefined : (formatOf(file) ?? refuse())
  }
  const bytes = file.subarray(0, length)
  return { bytes, format: format ?? formatOf(bytes) ?? refuse() }
}

function refuse(): never {
  throw badAvatar('not-an-image')
}
