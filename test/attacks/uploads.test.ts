import { existsSync, readdirSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { afterAll, describe, expect, test } from 'vitest'
import { AccountsClient } from '../support/other-clients.ts'
import { REFUSALS, refusalIn } from '../support/refusal-shape.ts'
import { register, ShopClient, send } from '../support/shop-client.ts'
import { startShopServer } from '../support/shop-server.ts'

// Pictures that mean harm, and connections that do. Whatever comes, nothing is left behind of it, and the next one is served.

const server = await startShopServer()
const { hostname, port } = new URL(server.baseUrl)
const person = await register(new ShopClient(server.baseUrl), 'anna')
const anna = new AccountsClient(server.baseUrl)
await anna.signIn(person.username, person.password)
afterAll(() => server.stop())

/** Waits as long as a machine may take that has other things to do. */
const WHILE = { timeout: 30_000 }
const TYPE = 'multipart/form-data; boundary=xx'
const HEADERS = { 'content-type': TYPE, authorization: `JWT ${anna.jwt}` }
const END = '\r\n--xx--\r\n'
const begin = (name: string, file?: string) =>
  `--xx\r\ncontent-disposition: form-data; name="${name}"${file ? `; filename="${file}"` : ''}\r\n\r\n`
const formOf = (file: string | Buffer, fileName = 'me.png') =>
  Buffer.concat([Buffer.from(begin('avatar', fileName)), Buffer.from(file), Buffer.from(END)])

const square = sharp({ create: { width: 40, height: 40, channels: 3, background: '#d02020' } })
const PNG = await square.png().toBuffer()
const AVIF = await square.avif().toBuffer()
const NOISE = await sharp({
  create: {
    width: 300,
    height: 300,
    channels: 3,
    background: '#000',
    noise: { type: 'gaussian', mean: 128, sigma: 60 },
  },
})
  .png()
  .toBuffer()

const put = (form: Buffer) => send(server.baseUrl, 'PUT', '/update_profile/', form, HEADERS)
const profile = async () => (await anna.request('GET', '/get_profile/')).body
function files(): string[] {
  const folder = join(server.config.dataDir, 'media/avatars')
  return existsSync(folder) ? readdirSync(folder).sort() : []
}

/** Does it, and looks whether profile and files are what they were; then whether a good picture is still taken. */
async function expectNothingLeft(work: () => Promise<void>): Promise<void> {
  const before = [await profile(), files()]
  await work()
  expect([await profile(), files()]).toEqual(before)
  const good = await put(formOf(PNG))
  expect([good.status, files().length]).toEqual([200, 1])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data])
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  checksum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, checksum])
}

/** Says that it is this large, over hardly any pixels. */
function bomb(width: number, height: number): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = 1
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
  const pixels = chunk('IDAT', deflateSync(Buffer.alloc(100)))
  return Buffer.concat([signature, chunk('IHDR', header), pixels, chunk('IEND', Buffer.alloc(0))])
}

describe('a picture', () => {
  const NO_IMAGE = 'Upload a valid image. The file you uploaded was either not an image or a corrupted image.'
  const SVG = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'

  test.each<[string, string | Buffer, string, string]>([
    ['a pixel bomb', bomb(50_000, 50_000), 'me.png', 'Ensure this image has at most 40 megapixels.'],
    ['one that says it is as large as may be', bomb(8_000, 5_000), 'me.png', NO_IMAGE],
    ['one without its end', NOISE.subarray(0, -5_000), 'me.png', NO_IMAGE],
    ['only its beginning', NOISE.subarray(0, 20), 'me.png', NO_IMAGE],
    ['an SVG', SVG, 'me.svg', NO_IMAGE],
    ['an SVG that is called a PNG', SVG, 'me.png', NO_IMAGE],
    ['a script behind the first bytes of a GIF', 'GIF89a/*=1;alert(1)//*/', 'me.gif', NO_IMAGE],
    ['an AVIF', AVIF, 'me.avif', NO_IMAGE],
    ['nothing', '', 'me.png', NO_IMAGE],
  ])('%s is refused', async (_, file, name, problem) => {
    await expectNothingLeft(async () => {
      const { status, body } = await put(formOf(file, name))
      expect([status, body]).toEqual([400, { avatar: [problem] }])
    })
  })

  test.each([
    ['a page behind it', Buffer.concat([PNG, Buffer.from('<script>alert(1)</script>')]), 'me.html'],
    ['an archive behind it', Buffer.concat([PNG, Buffer.from('PK\x05\x06 payload payload')]), 'me.zip'],
    ['the name of another kind', PNG, 'me.svg'],
    ['a path for a name', PNG, '../../../../etc/passwd'],
  ])('with %s is drawn anew, and only pixels are kept', async (_, file, name) => {
    const { status, body } = await put(formOf(file, name))
    expect([status, files()]).toEqual([200, [body.avatar.split('/').at(-1)]])
    const answer = await fetch(body.avatar)
    const kept = Buffer.from(await answer.arrayBuffer())
    expect([answer.headers.get('content-type'), answer.headers.get('x-content-type-options')]).toEqual([
      'image/webp',
      'nosniff',
    ])
    expect([kept.includes('script'), kept.includes('payload'), kept.includes('passwd')]).toEqual([false, false, false])
    expect(kept.length).toBe(kept.readUInt32LE(4) + 8)
  })
})

describe('a form', () => {
  const avatar = `${begin('avatar', 'me.png')}${PNG.toString('latin1')}\r\n`
  const form = (text: string) => Buffer.from(text, 'latin1')

  test.each([
    ['two avatars', `${avatar}${avatar}`],
    ['an avatar and none', `${avatar}${begin('avatar')}null\r\n`],
    ['an avatar, and ten parts more', `${avatar}${`${begin('first_name')}x\r\n`.repeat(10)}`],
    [
      'an avatar in a part of another kind',
      `${avatar}--xx\r\ncontent-disposition: attachment; name="first_name"\r\n\r\nx\r\n`,
    ],
  ])('with %s is no form', async (_, parts) => {
    await expectNothingLeft(async () => {
      const { status, body } = await put(form(`${parts}--xx--\r\n`))
      expect([status, body]).toEqual([400, { detail: 'Multipart form parse error.' }])
    })
  })

  test('with an avatar and a field that is not offered changes nothing, whichever comes first', async () => {
    const other = `${begin('is_staff')}true\r\n`
    await expectNothingLeft(async () => {
      for (const parts of [avatar + other, other + avatar, avatar.replace('PNG', 'GNP') + other]) {
        const { status, body } = await put(form(`${parts}--xx--\r\n`))
        expect([status, body]).toEqual([400, { detail: 'Invalid signature.' }])
      }
    })
  })

  test('with an avatar and a name that is too long changes nothing', async () => {
    await expectNothingLeft(async () => {
      const { status, body } = await put(form(`${avatar}${begin('first_name')}${'x'.repeat(151)}\r\n--xx--\r\n`))
      expect([status, body]).toEqual([400, { first_name: ['Ensure this field has no more than 150 characters.'] }])
    })
  })
})

/** A connection that is spoken to in bytes. */
interface Line {
  readonly socket: Socket
  /** All that was answered, once it has this in it or the connection is over. */
  heard(part?: string): Promise<string>
}

function dial(): Line {
  const socket = connect(Number(port), hostname)
  let text = ''
  let isOver = false
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1')
  })
  socket.on('error', () => {})
  socket.on('close', () => {
    isOver = true
  })
  async function heard(part?: string): Promise<string> {
    while (!isOver && !(part && text.includes(part))) await new Promise((resolve) => setTimeout(resolve, 5))
    return text
  }
  return { socket, heard }
}

function head(length: number | undefined, more = ''): string {
  const framing = length === undefined ? 'transfer-encoding: chunked' : `content-length: ${length}`
  return `PUT /update_profile/ HTTP/1.1\r\nhost: ${hostname}:${port}\r\nauthorization: JWT ${anna.jwt}\r\ncontent-type: ${TYPE}\r\n${framing}\r\n${more}\r\n`
}
const statusesIn = (text: string) => [...text.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map((match) => Number(match[1]))

describe('a connection', () => {
  test('that sends a form in chunks of a byte, without its length, is served', async () => {
    const { socket, heard } = dial()
    const bytes = [...formOf(PNG)].map((byte) =>
      Buffer.concat([Buffer.from('1\r\n'), Buffer.of(byte), Buffer.from('\r\n')]),
    )
    socket.write(head(undefined, 'connection: close\r\n'))
    socket.write(Buffer.concat([...bytes, Buffer.from('0\r\n\r\n')]))
    expect(statusesIn(await heard())).toEqual([200])
    expect(files()).toHaveLength(1)
  })

  test.each([0, 10, 150, 5_000])(
    'that is lost after %i bytes of a form leaves nothing, and no place taken',
    async (at) => {
      await expectNothingLeft(async () => {
        for (let i = 0; i < 5; i++) {
          const { socket } = dial()
          const form = formOf(NOISE)
          await new Promise<void>((written) => {
            socket.write(Buffer.concat([Buffer.from(head(form.length)), form.subarray(0, at)]), () => written())
          })
          const gone = new Promise((resolve) => socket.on('close', resolve))
          socket.resetAndDestroy()
          await gone
        }
        // It is not told anybody when the server has seen it: nobody has a place any more when two are free.
        await expect.poll(async () => (await put(formOf('none'))).status, WHILE).toBe(400)
      })
    },
  )

  test('that announces more than it sends is told so when it ends', async () => {
    await expectNothingLeft(async () => {
      const { socket, heard } = dial()
      const form = formOf(PNG)
      socket.end(Buffer.concat([Buffer.from(head(form.length + 10)), form]))
      expect(statusesIn(await heard())).toEqual([400])
    })
  })

  test('that announces less than it sends is no HTTP', async () => {
    await expectNothingLeft(async () => {
      const { socket, heard } = dial()
      const form = formOf(PNG)
      socket.write(Buffer.concat([Buffer.from(head(form.length - 12)), form]))
      expect(statusesIn(await heard())).toEqual([400])
    })
  })

  test('that announces far too much is answered before it has sent a byte of it, and closed when it goes on', async () => {
    const { socket, heard } = dial()
    socket.write(head(2_000_000_000))
    const text = await heard('}')
    expect(statusesIn(text)).toEqual([413])
    expect(text.toLowerCase()).toContain('\r\nconnection: close\r\n')
    expect(text).toContain('{"detail":"Request body is too large."}')
    let sent = 0
    const closed = new Promise((resolve) => socket.on('close', resolve))
    const pour = () => {
      while (!socket.destroyed && socket.write(Buffer.alloc(1_000_000))) sent += 1_000_000
    }
    socket.on('drain', pour)
    pour()
    await closed
    expect(sent).toBeLessThan(60_000_000)
  })

  test('of a stranger with a large form is answered at once, and closed', async () => {
    const { socket, heard } = dial()
    socket.write(head(200_000_000).replace(/JWT \S+/, 'JWT x.y.z'))
    const text = await heard('}')
    expect([statusesIn(text), text.toLowerCase().includes('\r\nconnection: close\r\n')]).toEqual([[401], true])
    socket.destroy()
  })

  test('that drips is cut off when the time for a request is up, also when it goes on', async () => {
    await expectNothingLeft(async () => {
      const arrived = new Promise<Socket>((resolve) => server.app.server.once('connection', resolve))
      const { socket, heard } = dial()
      socket.write(head(1_000_000))
      socket.write(begin('avatar', 'me.png'))
      const drip = setInterval(() => socket.write('x'), 20)
      // Node looks for such requests twice a minute; this is what it finds then.
      const late = Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' })
      server.app.server.emit('clientError', late, await arrived)
      const text = await heard()
      clearInterval(drip)
      expect(statusesIn(text)).toEqual([408])
    })
  })
})

test('who has too much under way hears it in this contract’s words', async () => {
  const lines = [dial(), dial(), dial()]
  for (const { socket } of lines) socket.write(head(1_000_000) + begin('avatar', 'me.png'))
  expect(statusesIn(await Promise.race(lines.map(({ heard }) => heard('}'))))).toEqual([429])
  const answer = await put(formOf(PNG))
  expect([refusalIn(answer), answer.headers['retry-after']]).toEqual([REFUSALS.accounts.throttled('1'), '1'])
  // Without a picture there is nothing to wait for.
  expect((await anna.request('PUT', '/update_profile/', { first_name: 'Anna' })).status).toBe(200)
  for (const { socket } of lines) socket.destroy()
  await expect.poll(async () => (await put(formOf(PNG))).status, WHILE).toBe(200)
})
