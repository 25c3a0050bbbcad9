import type { Readable } from 'node:stream'
import { Refused } from '../../kernel/refused.ts'
import { makeTurnstile } from '../../kernel/turnstile.ts'
import { busy } from '../busy.ts'
import type { AvatarProblem, IdentityRefusal } from '../refusals.ts'
import { loadSharp } from './sharp.ts'

declare const avatar: unique symbol

/** A square picture in WebP, drawn by us: nothing is in it but pixels. */
export type Avatar = Buffer & { readonly [avatar]: true }

export const AVATAR_BYTES_MAX = 5 * 1_024 * 1_024
export const AVATAR_PIXELS_MAX = 40_000_000
/** Of the square, in pixels. A smaller picture is not enlarged. */
export const AVATAR_SIDE_MAX = 512

/** One at a time: the worst picture within the limits takes two seconds and 400 MB, a photograph a tenth of that. */
const inTurn = makeTurnstile({ places: 1, queueMax: 8, busy })
const DRAWING_SECONDS_MAX = 10

/**
 * Makes an avatar of an uploaded file, whatever it is called and said to be: PNG, JPEG, WebP or GIF, of which it takes
 * the middle of the first picture, the right way up. Nothing is written anywhere.
 *
 * @param source one that turns out too large is read away to its end
 * @throws identity.bad-avatar, identity.busy
 * @see docs/contracts/README.md, Accounts
 */
export async function readAvatar(source: Readable | Uint8Array): Promise<Avatar> {
  const file = source instanceof Uint8Array ? source : await collect(source)
  if (file.length > AVATAR_BYTES_MAX) throw badAvatar('too-large')
  const format = formatOf(file)
  if (!format) throw badAvatar('not-an-image')
  return inTurn(() => draw(file, format))
}

async function collect(source: Readable): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let length = 0
  // The stream may be a part of a request that has more parts: to destroy it would be the end of all of them.
  for await (const chunk of source.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk)
    length += chunk.length
    if (length > AVATAR_BYTES_MAX) break
  }
  // Only now: as long as the loop listens, the stream does not flow by itself.
  source.resume()
  if (length > AVATAR_BYTES_MAX) throw badAvatar('too-large')
  return Buffer.concat(chunks)
}

type Format = 'png' | 'jpeg' | 'webp' | 'gif'

/** By the bytes it begins with. Everything else, SVG above all, never gets near a decoder. */
function formatOf(file: Uint8Array): Format | undefined {
  const start = Buffer.from(file.subarray(0, 12)).toString('latin1')
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'png'
  if (start.startsWith('\xff\xd8\xff')) return 'jpeg'
  if (start.startsWith('RIFF') && start.endsWith('WEBP')) return 'webp'
  return /^GIF8[79]a/.test(start) ? 'gif' : undefined
}

async function draw(file: Uint8Array, format: Format): Promise<Avatar> {
  const sharp = await loadSharp()
  const options = { failOn: 'error', limitInputPixels: AVATAR_PIXELS_MAX } as const
  try {
    // Of an animation this is the size of a frame.
    const header = await sharp(file, { ...options, limitInputPixels: false }).metadata()
    if (header.format !== format) throw badAvatar('not-an-image')
    if (header.width * header.height > AVATAR_PIXELS_MAX) throw badAvatar('too-many-pixels')
    const side = Math.min(header.width, header.height, AVATAR_SIDE_MAX)

    // All of it is made smaller before the middle is cut out, so that all of it is decoded: of a picture whose end is
    // missing the middle may be whole.
    const { data, info } = await sharp(file, options)
      .autoOrient()
      .resize({ width: side, height: side, fit: 'outside' })
      .timeout({ seconds: DRAWING_SECONDS_MAX })
      .raw()
      .toBuffer({ resolveWithObject: true })
    const left = Math.floor((info.width - side) / 2)
    const top = Math.floor((info.height - side) / 2)
    const drawn = await sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } })
      .extract({ left, top, width: side, height: side })
      .webp({ quality: 82 })
      .toBuffer()
    return drawn as Avatar
  } catch (error) {
    if (error instanceof Refused) throw error
    // Nothing within the limits takes that long by itself: it is the machine that has too much to do.
    if (/\btimeout\b/.test(String(error)))
      throw new Refused<IdentityRefusal>({ code: 'identity.busy', retryAfterSeconds: 5 })
    throw badAvatar('not-an-image')
  }
}

function badAvatar(problem: AvatarProblem): Refused<IdentityRefusal> {
  return new Refused<IdentityRefusal>({ code: 'identity.bad-avatar', problem })
}
