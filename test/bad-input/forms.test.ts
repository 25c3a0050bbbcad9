import { existsSync, readdirSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { BEGIN, BOUNDARY, END, FORM_TYPE, file, formOf, noise, type Part, text } from '../support/form-body.ts'
import { AccountsClient } from '../support/other-clients.ts'
import { flawInRefusal, REFUSALS, refusalIn } from '../support/refusal-shape.ts'
import { type Answer, send } from '../support/shop-client.ts'
import { expectNothingChanged } from '../support/shop-world.ts'
import { openShop } from './shop.ts'

// The one call that takes a form. Whatever is wrong with one, nothing of it is kept: no text, and no file.

const {
  server,
  ola: { person },
} = await openShop()
const ola = new AccountsClient(server.baseUrl)
await ola.signIn(person.username, person.password)

const PNG = await noise(40)

const FIRST = text('first_name', 'Mallory')
const AVATAR = file(PNG)

function put(body: string | Buffer | Readable, type = FORM_TYPE): Promise<Answer> {
  return send(server.baseUrl, 'PUT', '/update_profile/', body, {
    'content-type': type,
    authorization: `JWT ${ola.jwt}`,
  })
}

function storedFiles(): string[] {
  const directory = join(server.config.dataDir, 'media')
  return existsSync(directory) ? readdirSync(directory, { recursive: true }).map(String).sort() : []
}

type Case = readonly [story: string, body: string | Buffer | (() => Readable), type?: string]

/** Each is refused in the contract's shape; afterwards the profile, and the files, are what they were. */
async function expectRefused(cases: readonly Case[], isExpected: (answer: Answer) => boolean): Promise<void> {
  const files = storedFiles()
  await expectNothingChanged(server, async () => {
    const wrong: string[] = []
    for (const [story, body, type] of cases) {
      const answer = await put(typeof body === 'function' ? body() : body, type)
      const flaw = flawInRefusal(answer, 'accounts')
      if (flaw || !isExpected(answer))
        wrong.push(`${story}: ${flaw ?? 'another answer'}: ${answer.status} ${answer.text}`)
    }
    expect(wrong).toEqual([])
  })
  expect(storedFiles()).toEqual(files)
}

const isBadForm = ({ status, body }: Answer) => status === 400 && body.detail === 'Multipart form parse error.'
const isNotEditable = ({ status, body }: Answer) => status === 400 && body.detail === 'Invalid signature.'
const isAbout = (field: string) => (answer: Answer) => answer.status === 400 && Array.isArray(answer.body[field])

describe('a form that is none', () => {
  const whole = formOf([FIRST, AVATAR])

  test('by its boundary', async () => {
    await expectRefused(
      [
        ['no boundary', whole, 'multipart/form-data'],
        ['an empty boundary', whole, 'multipart/form-data; boundary='],
        ['another boundary', whole, 'multipart/form-data; boundary=y'],
        ['a boundary without end', whole, `multipart/form-data; boundary=${'y'.repeat(5_000)}`],
      ],
      isBadForm,
    )
  })

  test('by its body', async () => {
    const head = `${BEGIN}content-disposition: form-data`
    await expectRefused(
      [
        ['nothing', ''],
        ['garbage', 'garbage'],
        ['JSON', '{"first_name":"Mallory"}'],
        ['only a beginning', `--${BOUNDARY}`],
        ['only a head', `${head}; name="first_name"\r\n`],
        ['line feeds alone', whole.toString('latin1').replaceAll('\r\n', '\n')],
        ['a head without end', `${head}; name="first_name"; ${'x'.repeat(100_000)}`],
      ],
      isBadForm,
    )
  })

  test('because its end is missing: what came before it is not kept', async () => {
    const [one, two] = [formOf([FIRST], ''), formOf([FIRST, text('last_name', 'Mallory')], '')]
    const cut = [0.2, 0.5, 0.9].map((part): Case => [`at ${part}`, whole.subarray(0, whole.length * part)])
    await expectRefused(
      [
        ...cut,
        ['behind a part', one],
        ['behind two', two],
        ['in the next part’s head', Buffer.concat([one, Buffer.from(`${BEGIN}content-disposition: fo`)])],
        ['in the next part’s text', formOf([FIRST, text('last_name', 'Mall')], '').subarray(0, -2)],
        ['in the picture behind a text', formOf([FIRST, AVATAR], '').subarray(0, -100)],
        ['behind the picture', formOf([FIRST, AVATAR], '')],
        ['before the end of the end', formOf([FIRST], `--${BOUNDARY}`)],
      ],
      isBadForm,
    )
  })

  test('by parts that have no name', async () => {
    await expectRefused(
      [
        ['no disposition', `${BEGIN}content-type: text/plain\r\n\r\nMallory\r\n${END}`],
        ['no name', `${BEGIN}content-disposition: form-data\r\n\r\nMallory\r\n${END}`],
        ['no head', `${BEGIN}\r\nMallory\r\n${END}`],
        ['no name, behind a good part', `${formOf([FIRST], '')}${BEGIN}\r\nMallory\r\n${END}`],
      ],
      ({ status }) => status === 400,
    )
  })
})

test.each([
  ['a hundred texts', Array(100).fill(FIRST)],
  ['ten thousand texts', Array(10_000).fill(FIRST)],
  ['a hundred pictures', Array(100).fill(AVATAR)],
  ['a thousand names', Array.from({ length: 1_000 }, (_, i) => text(`name-${i}`, 'x'))],
])('a form of %s has too many parts', async (story, parts) => {
  await expectRefused([[story, formOf(parts)]], ({ status }) => status === 400 || status === 413)
})

test('a form with a name that is not offered changes nothing, before it or behind it', async () => {
  const names = [
    'email',
    'username',
    'password',
    'is_staff',
    'id',
    'uuid',
    'avatars',
    'Avatar',
    'first_name ',
    'first_name[]',
  ]
  const cases = names.flatMap((name): Case[] => [
    [`${name} alone`, formOf([text(name, 'x')])],
    [`${name} at last`, formOf([FIRST, AVATAR, text(name, 'x')])],
    [`${name} at first`, formOf([text(name, 'x'), FIRST, AVATAR])],
    [`a file ${name}`, formOf([FIRST, file(PNG, name)])],
  ])
  await expectRefused(cases, isNotEditable)
})

test('names that reach into objects are refused', async () => {
  const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '', 'a.b', 'x'.repeat(5_000)]
  const cases = names.flatMap((name): Case[] => [
    [`a text ${name.slice(0, 20)}`, formOf([FIRST, text(name, 'x')])],
    [`a file ${name.slice(0, 20)}`, formOf([FIRST, file(PNG, name)])],
  ])
  await expectRefused(cases, ({ status }) => status === 400)
})

describe('a text', () => {
  test.each(['first_name', 'last_name', 'patronymic'])(
    '%s that cannot be kept is refused by its name',
    async (name) => {
      const other = name === 'last_name' ? 'first_name' : 'last_name'
      const bad: [string, Part][] = [
        ['151 letters', text(name, 'x'.repeat(151))],
        ['a long one', text(name, 'x'.repeat(60_000))],
        ['a very long one', text(name, 'x'.repeat(3_000_000))],
        ['NUL', text(name, 'a\0b')],
        ['no UTF-8', text(name, Buffer.from('ff41', 'hex'))],
        ['half a letter', text(name, Buffer.from('c3', 'hex'))],
        ['a file', file(PNG, name)],
        ['a file of text', file('Mallory', name, 'text/plain')],
      ]
      await expectRefused(
        bad.flatMap(([story, part]): Case[] => [
          [story, formOf([part])],
          [`${story}, behind another`, formOf([part.filename ? text(other, 'Mallory') : AVATAR, part])],
        ]),
        isAbout(name),
      )
    },
  )

  test('that says it is JSON is a text all the same: nothing of it is read as an object', async () => {
    const before = await ola.request('GET', '/get_profile/')
    for (const value of ['{"a":1}', '[1]', '5', 'null', '{', '{"__proto__":1}']) {
      const answer = await put(formOf([text('first_name', value, 'application/json')]))
      expect([answer.status, answer.body.first_name]).toEqual([200, value])
    }
    await put(formOf([text('first_name', before.body.first_name)]))
  })

  test('without an end is not listened to for ever', async () => {
    const endless = () =>
      Readable.from(
        (function* () {
          yield `${BEGIN}content-disposition: form-data; name="first_name"\r\n\r\n`
          for (let i = 0; i < 300; i++) yield 'x'.repeat(65_536)
        })(),
      )
    await expectRefused([['20 MB', endless]], ({ status }) => status === 400 || status === 413)
  })
})

describe('a picture', () => {
  const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'

  test('that is none is refused, and the text beside it with it', async () => {
    const bad: [string, Part][] = [
      ['an SVG', file(SVG)],
      ['a page', file('<html><script>alert(1)</script>', 'avatar', 'text/html')],
      ['nothing', file('')],
      ['the beginning of one', file(PNG.subarray(0, PNG.length / 2))],
      ['zeros', file(Buffer.alloc(1_000_000))],
      ['a name for a path', { ...file(SVG), filename: '../../../../tmp/evil.png' }],
      ['a text', text('avatar', 'avatars/0.webp')],
      ['the address of another', text('avatar', 'https://evil.example/a.webp')],
      ['one in base64', text('avatar', `data:image/png;base64,${PNG.toString('base64')}`)],
    ]
    await expectRefused(
      bad.flatMap(([story, part]): Case[] => [
        [`${story} at last`, formOf([FIRST, part])],
        [`${story} at first`, formOf([part, FIRST])],
      ]),
      isAbout('avatar'),
    )
  })

  test('above five MB is refused, however much more there is of it', async () => {
    const large = (bytes: number) => () =>
      Readable.from(
        (function* () {
          yield formOf([AVATAR], '').subarray(0, -2)
          for (let sent = 0; sent < bytes; sent += 65_536) yield Buffer.alloc(65_536)
          yield `\r\n${END}`
        })(),
      )
    await expectRefused(
      [
        ['6 MB', large(6_000_000)],
        ['30 MB', large(30_000_000)],
      ],
      // What is far too large is not even read.
      (answer) => isAbout('avatar')(answer) || answer.status === 413,
    )
  })

  test('of some hundred kilobytes is taken, and leaves one file', async () => {
    const large = await noise(500)
    expect(large.length).toBeGreaterThan(500_000)
    const answer = await put(formOf([FIRST, file(large)]))
    expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('/media/avatars/')])
    const files = storedFiles().filter((name) => name.endsWith('.webp'))
    const again = await put(formOf([AVATAR]))
    expect(again.status).toBe(200)
    const renewed = storedFiles().filter((name) => name.endsWith('.webp'))
    expect(renewed).toHaveLength(files.length)
    expect(renewed).not.toEqual(files)
  })
})

test('a form that is refused half-way leaves its connection good for the next request', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const headers = { authorization: `JWT ${ola.jwt}` }
  const ask = (method: string, path: string, body?: Buffer) =>
    new Promise<number | string>((resolve) => {
      const type = body && {
        'content-type': FORM_TYPE,
        'content-length': body.length,
      }
      const url = new URL(path, server.baseUrl)
      const sent = request(url, { agent, method, headers: { ...headers, ...type }, timeout: 5_000 }, (answer) => {
        answer.resume().on('end', () => resolve(answer.statusCode ?? 0))
      })
      sent.on('timeout', () => resolve('no answer')).on('error', ({ message }) => resolve(message))
      sent.end(body)
    })
  try {
    const large = file(Buffer.alloc(2_000_000))
    for (const parts of [
      [text('email', 'x'), large],
      [FIRST, file(Buffer.alloc(2_000_000), 'email')],
      [large, large],
      [...Array(10_000).fill(FIRST), large],
    ]) {
      expect([400, 413]).toContain(await ask('PUT', '/update_profile/', formOf(parts)))
      expect(await ask('GET', '/get_profile/')).toBe(200)
    }
  } finally {
    agent.destroy()
  }
})

test('who is not signed in any more hears that first, whatever the form is like', async () => {
  const jwt = (await new AccountsClient(server.baseUrl).signIn(person.username, person.password)).body.token
  const over = { 'content-type': FORM_TYPE, authorization: `JWT ${jwt}` }
  await send(server.baseUrl, 'GET', '/api/v1/auth/revoke', undefined, over)
  const forms = [
    formOf([FIRST]),
    formOf([text('email', 'x')]),
    formOf([file('<svg/>')]),
    'garbage',
    formOf([file(Buffer.alloc(6_000_000))]),
  ]
  await expectNothingChanged(server, async () => {
    for (const form of forms) {
      const answer = await send(server.baseUrl, 'PUT', '/update_profile/', form, over)
      expect([form.length, refusalIn(answer)]).toEqual([form.length, REFUSALS.accounts.notSignedIn])
    }
  })
})

test('a form of very many parts, or of an endless head, is refused before it is taken apart', async () => {
  const part = `${BEGIN}content-disposition: form-data; name="a"; filename=""\r\n\r\n\r\n`
  const heads = `${BEGIN}content-disposition: form-data; name="first_name"\r\n${'x-a: b\r\n'.repeat(500_000)}\r\nMallory\r\n${END}`
  await expectRefused(
    [
      ['parts', part.repeat(Math.floor(5_000_000 / part.length)) + END],
      ['heads', heads],
    ],
    isBadForm,
  )
})
