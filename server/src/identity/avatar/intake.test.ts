import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { Readable } from 'node:stream'
import { crc32, deflateSync } from 'node:zlib'
import sharp, { type Sharp } from 'sharp'
import { describe, expect, test } from 'vitest'
import type { CustomerId } from '../../kernel/ids.ts'
import { AVATAR_BYTES_MAX } from './collect-picture.ts'
import type { Avatar } from './draw-avatar.ts'
import { makeAvatarIntake } from './intake.ts'

const intake = makeAvatarIntake()
let senders = 0
const newSender = () => ({ customerId: `customer-${++senders}` as CustomerId, address: `address-${senders}` })

/** From somebody new each time. */
function readAvatar(file: Readable | Uint8Array): Promise<Avatar> {
  const source = file instanceof Uint8Array ? Readable.from([file]) : file
  return intake.admit(newSender(), (read) => read(source))
}

type Rgb = readonly [number, number, number]
const RED: Rgb = [220, 20, 30]
const GREEN: Rgb = [20, 160, 40]
const BLUE: Rgb = [20, 40, 200]
const WHITE: Rgb = [255, 255, 255]

/** A picture in stripes of equal width, from left to right. */
function stripes(width: number, height: number, ...colours: readonly Rgb[]): Sharp {
  const pixels = Buffer.alloc(width * height * 3)
  for (let at = 0; at < width * height; at++) {
    const stripe = Math.floor(((at % width) * colours.length) / width)
    pixels.set(colours[stripe] as Rgb, at * 3)
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
}

/** What nothing can make small: every pixel is another. */
function noise(width: number, height: number): Sharp {
  let seed = 1
  const pixels = Buffer.alloc(width * height * 3)
  for (let at = 0; at < pixels.length; at++) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff
    pixels[at] = seed >> 16
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
}

/** The square's size and the colours at some places in it, given in hundredths of its width and height. */
async function look(avatar: Buffer, ...places: readonly (readonly [number, number])[]) {
  const { data, info } = await sharp(avatar).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const colours = places.map(([x, y]) => {
    const at = Math.floor((y * info.height) / 100) * info.width + Math.floor((x * info.width) / 100)
    return nameOf([...data.subarray(at * info.channels, at * info.channels + 3)])
  })
  return { size: `${info.width}×${info.height}`, colours: colours.join() }
}

function nameOf(seen: readonly number[]): string {
  const near = (colour: Rgb) => colour.every((value, channel) => Math.abs(value - (seen[channel] ?? 0)) < 25)
  const found = Object.entries({ red: RED, green: GREEN, blue: BLUE, white: WHITE }).find(([, colour]) => near(colour))
  return found?.[0] ?? `rgb(${seen})`
}

const refused = async (file: Readable | Uint8Array) =>
  readAvatar(file).then(
    () => 'taken',
    (error) => error.refusal?.problem ?? error,
  )

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data])
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  checksum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, checksum])
}

/** A sound PNG in black and white that says it is this large, over pixels that are not there. */
function hollowPng(width: number, height: number): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = 1
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
  const pixels = deflateSync(Buffer.alloc(100))
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))])
}

describe('what makes an avatar', () => {
  test.each(['png', 'jpeg', 'webp', 'gif'] as const)('a %s becomes a square WebP of its middle', async (format) => {
    const file = await stripes(1_800, 600, RED, GREEN, BLUE).toFormat(format).toBuffer()
    const avatar = await readAvatar(file)
    expect(avatar.subarray(0, 4).toString()).toBe('RIFF')
    expect(await sharp(avatar).metadata()).toMatchObject({ format: 'webp', width: 512, height: 512 })
    expect(await look(avatar, [4, 4], [96, 96])).toEqual({ size: '512×512', colours: 'green,green' })
  })

  test('a tall one loses what is above and below', async () => {
    const file = await stripes(1_500, 500, RED, GREEN, BLUE).rotate(90).png().toBuffer()
    expect(await look(await readAvatar(file), [4, 4], [96, 96])).toEqual({ size: '500×500', colours: 'green,green' })
  })

  test.each([
    [300, 200, '200×200'],
    [1, 1, '1×1'],
    [1, 4_000, '1×1'],
    [513, 512, '512×512'],
    [7, 5, '5×5'],
  ])('a small one is not enlarged: %i×%i becomes %s', async (width, height, size) => {
    expect((await look(await readAvatar(await stripes(width, height, RED).png().toBuffer()))).size).toBe(size)
  })

  test('where a picture is seen through, so is the avatar', async () => {
    const file = await sharp({ create: { width: 20, height: 20, channels: 4, background: '#ff000000' } })
      .png()
      .toBuffer()
    const { data, info } = await sharp(await readAvatar(file))
      .raw()
      .toBuffer({ resolveWithObject: true })
    expect([info.channels, data[3]]).toEqual([4, 0])
  })

  test.each([
    ['grey', () => stripes(60, 60, WHITE).toColourspace('b-w').png()],
    ['with 16 bits a channel', () => stripes(60, 60, WHITE).toColourspace('rgb16').png()],
    ['with a palette', () => stripes(60, 60, WHITE).png({ palette: true })],
    ['interlaced', () => stripes(60, 60, WHITE).png({ progressive: true })],
    ['progressive', () => stripes(60, 60, WHITE).jpeg({ progressive: true })],
    ['in printing colours', () => stripes(60, 60, WHITE).toColourspace('cmyk').jpeg()],
    ['lossless', () => stripes(60, 60, WHITE).webp({ lossless: true })],
  ])('a picture %s is as good', async (_, make) => {
    const avatar = await readAvatar(await make().toBuffer())
    expect(await look(avatar, [10, 10], [90, 90])).toEqual({ size: '60×60', colours: 'white,white' })
  })

  test.each(['gif', 'webp'] as const)('of an animated %s the first picture is taken, once', async (format) => {
    const frames = await Promise.all([RED, GREEN, BLUE].map((colour) => stripes(64, 64, colour).png().toBuffer()))
    const file = await sharp(frames, { join: { animated: true } })
      .toFormat(format, { loop: 0 })
      .toBuffer()
    expect((await sharp(file).metadata()).pages).toBe(3)
    const avatar = await readAvatar(file)
    expect((await sharp(avatar).metadata()).pages).toBeUndefined()
    expect(await look(avatar, [50, 50])).toEqual({ size: '64×64', colours: 'red' })
  })

  test('it is turned as the camera was held, and tells nothing of camera, place or time', async () => {
    const file = await stripes(400, 300, RED, BLUE)
      .withExif({
        IFD0: { Make: 'TellTale', Copyright: 'somebody', Orientation: '6' },
        IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1', GPSLongitudeRef: 'W', GPSLongitude: '0/1 7/1 0/1' },
      })
      .withMetadata({ orientation: 6 })
      .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"><secret>xmp</secret></x:xmpmeta>')
      .jpeg()
      .toBuffer()
    const before = await sharp(file).metadata()
    expect([before.orientation, file.includes('TellTale'), file.includes('secret'), !!before.exif]).toEqual([
      6,
      true,
      true,
      true,
    ])
    const avatar = await readAvatar(file)
    const { exif, icc, iptc, xmp, orientation } = await sharp(avatar).metadata()
    expect({ exif, icc, iptc, xmp, orientation }).toEqual({})
    for (const word of ['TellTale', 'somebody', 'secret', 'EXIF', 'Exif', 'XMP', 'ICCP']) {
      expect(avatar.includes(word)).toBe(false)
    }
    // What was on the left comes to the top.
    expect(await look(avatar, [10, 10], [90, 10], [10, 90], [90, 90])).toEqual({
      size: '300×300',
      colours: 'red,red,blue,blue',
    })
  })

  test.each([
    ['an HTML page', Buffer.from('<script>alert(document.domain)</script>')],
    [
      'an archive',
      Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), Buffer.alloc(500, 'payload'), Buffer.from('PK\x05\x06')]),
    ],
    ['a PDF', Buffer.from('%PDF-1.7 1 0 obj << /OpenAction << /S /JavaScript >> >>')],
  ])('a picture with %s behind it is drawn anew, and the rest is gone', async (_, tail) => {
    for (const format of ['png', 'jpeg', 'gif'] as const) {
      const file = Buffer.concat([await stripes(40, 40, RED).toFormat(format).toBuffer(), tail])
      const avatar = await readAvatar(file)
      expect(avatar.includes(tail.subarray(0, 12))).toBe(false)
      expect(avatar.length).toBe(avatar.readUInt32LE(4) + 8)
      expect(await look(avatar, [50, 50])).toEqual({ size: '40×40', colours: 'red' })
    }
  })

  test('a page hidden in a comment of the picture is gone too', async () => {
    const page = Buffer.from('Comment\0<script>alert(1)</script>')
    const png = await stripes(40, 40, RED).png().toBuffer()
    const file = Buffer.concat([png.subarray(0, 33), chunk('tEXt', page), png.subarray(33)])
    expect((await readAvatar(file)).includes('script')).toBe(false)
  })

  test('a stream is as good as bytes, in pieces of any size', async () => {
    const file = await stripes(100, 100, GREEN).jpeg().toBuffer()
    const pieces = Array.from({ length: file.length }, (_, at) => file.subarray(at, at + 1))
    const [streamed, whole] = [await readAvatar(Readable.from(pieces)), await readAvatar(file)]
    expect(streamed.equals(whole)).toBe(true)
  })
})

describe('what does not', () => {
  const SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><script>alert(1)</script></svg>'

  test.each<[string, string | Buffer]>([
    ['nothing', ''],
    ['an SVG', SVG],
    ['an SVG as XML', `<?xml version="1.0"?>${SVG}`],
    ['a page that begins as a GIF', `GIF89a/*${'x'.repeat(100)}*/=1;alert(1)`],
    ['a text', 'hello'],
    ['a PDF', '%PDF-1.7\n%âãÏÓ\n1 0 obj <</Type/Catalog>>'],
    ['an archive', Buffer.from('PK\x03\x04\x14\0\0\0', 'latin1')],
    ['a script with the first bytes of a PNG', Buffer.from('\x89PNG\r\n\x1a\n<script>', 'latin1')],
    ['the first bytes of a JPEG', Buffer.from([0xff, 0xd8, 0xff])],
    ['the first bytes of a WebP', 'RIFF\x10\0\0\0WEBPVP8 '],
    ['sound', `RIFF\x24\0\0\0WAVEfmt ${'\0'.repeat(40)}`],
    ['zeros', Buffer.alloc(1_000)],
  ])('%s is refused', async (_, content) => {
    expect(await refused(Buffer.from(content))).toBe('not-an-image')
    expect(await refused(Readable.from([Buffer.from(content)]))).toBe('not-an-image')
  })

  test.each(['tiff', 'avif'] as const)('a %s is refused, though it is an image', async (format) => {
    expect(await refused(await stripes(40, 40, RED).toFormat(format).toBuffer())).toBe('not-an-image')
  })

  const TALL = [300, 2_400] as const
  test.each<[string, () => Sharp]>([
    ['PNG', () => noise(...TALL).png()],
    ['interlaced PNG', () => noise(...TALL).png({ progressive: true })],
    ['JPEG', () => noise(...TALL).jpeg()],
    ['progressive JPEG', () => noise(...TALL).jpeg({ progressive: true })],
    ['WebP', () => noise(...TALL).webp()],
    ['lossless WebP', () => noise(300, 800).webp({ lossless: true })],
    ['GIF', () => noise(300, 800).gif()],
  ])('a %s whose end is missing is refused, also where the middle is whole', async (_, make) => {
    const file = await make().toBuffer()
    expect(await refused(file)).toBe('taken')
    for (const part of [0.9, 0.75, 0.5, 0.1]) {
      expect([part, await refused(file.subarray(0, file.length * part))]).toEqual([part, 'not-an-image'])
    }
  })

  test('a picture whose pixels are spoilt is refused', async () => {
    const file = await noise(200, 200).png().toBuffer()
    file.fill(0, file.length / 2, file.length / 2 + 1_000)
    expect(await refused(file)).toBe('not-an-image')
  })

  test('a PNG that says it has 50,000 × 50,000 pixels is refused by its header', async () => {
    const bomb = hollowPng(50_000, 50_000)
    expect(bomb.length).toBeLessThan(100)
    const before = process.memoryUsage().rss
    expect(await refused(bomb)).toBe('too-many-pixels')
    expect(process.memoryUsage().rss - before).toBeLessThan(50_000_000)
  })

  test('a GIF that says it has 60,000 × 60,000 pixels, and a JPEG, are refused by their headers', async () => {
    const gif = await stripes(4, 4, RED).gif().toBuffer()
    for (const at of [6, gif.indexOf(0x2c) + 5]) {
      gif.writeUInt16LE(60_000, at)
      gif.writeUInt16LE(60_000, at + 2)
    }
    expect(await refused(gif)).toBe('too-many-pixels')
    const jpeg = await stripes(4, 4, RED).jpeg().toBuffer()
    const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]))
    jpeg.writeUInt16BE(60_000, frame + 5)
    jpeg.writeUInt16BE(60_000, frame + 7)
    expect(await refused(jpeg)).toBe('too-many-pixels')
  })

  test('real pixels count the same: 40 megapixels are taken, one row more is not', async () => {
    const black = (height: number) =>
      sharp({ create: { width: 8_000, height, channels: 3, background: '#000' } })
        .png()
        .toBuffer()
    expect(await refused(await black(5_000))).toBe('taken')
    expect(await refused(await black(5_001))).toBe('too-many-pixels')
  })

  test('five MB are the most, and not one byte more', async () => {
    const png = await stripes(40, 40, RED).png().toBuffer()
    const padded = (length: number) => Buffer.concat([png, Buffer.alloc(length - png.length)])
    expect(await refused(padded(AVATAR_BYTES_MAX))).toBe('taken')
    expect(await refused(padded(AVATAR_BYTES_MAX + 1))).toBe('too-large')
  })

  /** As many bytes of this as anybody takes. */
  function endless(start: Buffer): Readable & { given: number } {
    const stream = Object.assign(new Readable(), { given: 0 })
    stream._read = () => {
      const piece =
        stream.given === 0 ? Buffer.concat([start, Buffer.alloc(65_536 - start.length)]) : Buffer.alloc(65_536)
      stream.given += piece.length
      stream.push(piece)
    }
    return stream
  }

  test('a stream without an end is given up at five MB, and left to whoever else reads it', async () => {
    const stream = endless(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'))
    expect(await refused(stream)).toBe('too-large')
    expect(stream.given).toBeGreaterThan(AVATAR_BYTES_MAX)
    expect(stream.given).toBeLessThan(AVATAR_BYTES_MAX + 1_000_000)
    expect(stream.destroyed).toBe(false)
  })

  test('a stream that does not begin as a picture is given up at its first bytes', async () => {
    const stream = endless(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg">'))
    expect(await refused(stream)).toBe('not-an-image')
    expect(stream.given).toBeLessThan(500_000)
  })

  test('a stream that breaks off is no picture, and no refusal either', async () => {
    const broken = new Readable({
      read() {
        this.destroy(new Error('connection lost'))
      },
    })
    await expect(readAvatar(broken)).rejects.toThrow('connection lost')
  })
})

/** Sends a picture piece by piece, as it is told to. */
function slowly(): Readable & { end(): void } {
  const stream = new Readable({ read() {} })
  stream.on('error', () => {}) // nobody may be reading any more
  return Object.assign(stream, { end: () => stream.push(null) })
}
const outcomeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'taken',
    (error) => error.refusal?.code ?? error.message,
  )

describe('many at once', () => {
  test('wait in turn, and more than that hear at once that there is no room', async () => {
    const file = await stripes(600, 600, RED, BLUE).png().toBuffer()
    const outcomes = await Promise.all(Array.from({ length: 40 }, () => outcomeOf(readAvatar(file))))
    expect(outcomes.filter((outcome) => outcome === 'taken')).toHaveLength(25)
    expect(outcomes.filter((outcome) => outcome === 'identity.busy')).toHaveLength(15)
    expect(intake.bytesHeld()).toBe(0)
  })

  test('of one customer are two, wherever they come from; who comes third goes on afterwards', async () => {
    const file = await stripes(60, 60, RED).png().toBuffer()
    const [anna, jan] = [newSender(), newSender()]
    const streams = [slowly(), slowly()]
    const works = streams.map((stream) => outcomeOf(intake.admit(anna, (read) => read(stream))))
    const third = () =>
      outcomeOf(intake.admit({ ...anna, address: jan.address }, (read) => read(Readable.from([file]))))
    expect(await third()).toBe('identity.too-many-tries')
    // Nobody else minds.
    expect(
      await outcomeOf(intake.admit({ ...jan, address: anna.address }, (read) => read(Readable.from([file])))),
    ).toBe('taken')
    for (const stream of streams) stream.push(file)
    for (const stream of streams) stream.end()
    expect(await Promise.all(works)).toEqual(['taken', 'taken'])
    expect(await third()).toBe('taken')
  })

  test('from one address are eight, and an IPv6 network is one address', async () => {
    const file = await stripes(60, 60, RED).png().toBuffer()
    const from = (host: number) => ({ ...newSender(), address: `2001:db8:1:2::${host}` })
    const streams = Array.from({ length: 8 }, slowly)
    const works = streams.map((stream, host) => outcomeOf(intake.admit(from(host), (read) => read(stream))))
    expect(await outcomeOf(intake.admit(from(9), (read) => read(Readable.from([file]))))).toBe(
      'identity.too-many-tries',
    )
    expect(await outcomeOf(readAvatar(file))).toBe('taken')
    for (const stream of streams) stream.destroy(new Error('connection lost'))
    expect(await Promise.all(works)).toEqual(Array(8).fill('connection lost'))
    expect(await outcomeOf(intake.admit(from(9), (read) => read(Readable.from([file]))))).toBe('taken')
  })

  test('hold 64 MB of unfinished pictures and not more, and nothing when they are gone', async () => {
    const start = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(4_000_000)])
    const streams = Array.from({ length: 40 }, slowly)
    const outcomes: string[] = []
    const works = streams.map(async (stream) => {
      outcomes.push(await outcomeOf(intake.admit(newSender(), (read) => read(stream))))
    })
    for (const stream of streams) stream.push(start)
    await new Promise(setImmediate)
    const held = intake.bytesHeld()
    expect(held).toBeLessThanOrEqual(64 * 1_024 * 1_024)
    expect(held).toBe((40 - outcomes.length) * start.length)
    expect(new Set(outcomes)).toEqual(new Set(['identity.busy']))
    for (const stream of streams) stream.destroy(new Error('connection lost'))
    await Promise.all(works)
    expect(outcomes.filter((outcome) => outcome === 'connection lost')).toHaveLength(16)
    expect(intake.bytesHeld()).toBe(0)
  })

  test('a picture that comes byte by byte takes no more room than one that comes at once', async () => {
    const file = await stripes(100, 100, GREEN).jpeg().toBuffer()
    const stream = slowly()
    const work = readAvatar(stream)
    for (const byte of file) stream.push(Buffer.of(byte))
    await new Promise(setImmediate)
    expect(intake.bytesHeld()).toBe(65_536)
    stream.end()
    await work
    expect(intake.bytesHeld()).toBe(0)
  })
})

test('nothing is written to the disk on the way', async () => {
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith('vips'))
  await readAvatar(await noise(1_000, 1_000).png().toBuffer())
  await refused((await noise(1_000, 1_000).png().toBuffer()).subarray(0, 1_000_000))
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith('vips'))).toEqual(before)
})
