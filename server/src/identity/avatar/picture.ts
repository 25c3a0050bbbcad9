import { Refused } from '../../kernel/refused.ts'
import type { AvatarProblem, IdentityRefusal } from '../refusals.ts'

/** An uploaded file that begins as a picture; whether it goes on as one, drawing shows. */
export interface Picture {
  readonly bytes: Uint8Array
  readonly format: PictureFormat
}

export type PictureFormat = 'png' | 'jpeg' | 'webp' | 'gif'

/** What has to be known of a file to tell its format. */
export const HEAD_BYTES = 12

/** By the bytes it begins with. Everything else, SVG above all, never gets near a decoder. */
export function formatOf(file: Uint8Array): PictureFormat | undefined {
  const start = Buffer.from(file.subarray(0, HEAD_BYTES)).toString('latin1')
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'png'
  if (start.startsWith('\xff\xd8\xff')) return 'jpeg'
  if (start.startsWith('RIFF') && start.endsWith('WEBP')) return 'webp'
  return /^GIF8[79]a/.test(start) ? 'gif' : undefined
}

export function badAvatar(problem: AvatarProblem): Refused<IdentityRefusal> {
  return new Refused<IdentityRefusal>({ code: 'identity.bad-avatar', problem })
}
