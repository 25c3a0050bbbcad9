import { Refused } from '../../kernel/refused.ts'
import type { IdentityRefusal } from '../refusals.ts'
import { badAvatar, type Picture } from './picture.ts'
import { loadSharp } from './sharp.ts'

declare const avatar: unique symbol

/** A square picture in WebP, drawn by us: nothing is in it but pixels. */
export type Avatar = Buffer & { readonly [avatar]: true }

export const AVATAR_PIXELS_MAX = 40_000_000
/** Of the square, in pixels. A smaller picture is not enlarged. */
export const AVATAR_SIDE_MAX = 512

const DRAWING_SECONDS_MAX = 10

/**
 * Draws the middle of the (first) picture anew, the right way up. Costs up to two seconds and 400 MB: see `makeAvatarIntake`.
 *
 * @throws identity.bad-avatar, identity.busy
 */
export async function drawAvatar({ bytes, format }: Picture): Promise<Avatar> {
  const sharp = await loadSharp()
  const options = { failOn: 'error', limitInputPixels: AVATAR_PIXELS_MAX } as const
  try {
    // Of an animation this is the size of a frame.
    const header = await sharp(bytes, { ...options, limitInputPixels: false }).metadata()
    if (header.format !== format) throw badAvatar('not-an-image')
    if (header.width * header.height > AVATAR_PIXELS_MAX) throw badAvatar('too-many-pixels')
    const side = Math.min(header.width, header.height, AVATAR_SIDE_MAX)

    // All of it is made smaller before the middle is cut out, so that all of it is decoded: of a picture whose end is
    // missing the middle may be whole.
    const { data, info } = await sharp(bytes, options)
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
