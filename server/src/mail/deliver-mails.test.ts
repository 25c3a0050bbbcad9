import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../../test/support/database.ts'
import { type SmtpServer, startSmtpServer } from '../../../test/support/smtp-server.ts'
import type { MailId } from '../kernel/ids.ts'
import type { Database } from '../store/database.ts'
import {
  deliverMails,
  findMail,
  forgetOldMails,
  type Letter,
  listMails,
  type MailFailure,
  type MailSender,
  makeFolderSender,
  makeMailSeal,
  makeSmtpSender,
  pauseBefore,
  queueMail,
} from './index.ts'

const FROM = { name: 'Tradepost', address: 'shop@shop.example' }
const KEY = 'a-key-for-tests-and-for-nothing-else'
const SEAL = makeMailSeal([KEY])
const SECRET = 'x1Y2-z3_'.repeat(6)

let fresh: FreshDatabase
let db: Database
let smtp: SmtpServer
beforeAll(async () => {
  fresh = await freshDatabase()
  db = fresh.db
})
beforeEach(async () => {
  smtp = await startSmtpServer()
})
afterEach(async () => {
  await smtp.stop()
  await rows('delete from mails')
})
afterAll(() => fresh.drop())

const rows = async (text: string, ...values: unknown[]) => (await db.query({ text, values })).rows
const queue = (letter: Partial<Letter> = {}): Promise<MailId> =>
  db.transaction((tx) =>
    queueMail(tx, SEAL, {
      to: 'anna@example.com',
      subject: 'Hello',
      text: `Hello,\n\n${SECRET}\n`,
      html: `<p>${SECRET}</p>`,
      kind: 'test',
      ...letter,
    }),
  )
const sender = (options?: { withinMs: number }) => makeSmtpSender(smtp.url, FROM, options)

/** Delivers what is due, and tells what failed. */
async function run(by: MailSender = sender(), seal = SEAL): Promise<{ delivered: number; failures: MailFailure[] }> {
  const failures: MailFailure[] = []
  const { delivered } = await deliverMails(db, { sender: by, seal }, { onFailure: (failure) => failures.push(failure) })
  return { delivered, failures }
}
/** As if the pause were over. */
const wakeUp = () => rows(`update mails set next_try_at = now() where state = 'waiting'`)
const stateOf = async (id: MailId) =>
  (
    await rows(
      `select state, attempts, last_error, sealed_body is null as wiped,
              round(extract(epoch from next_try_at - now()))::int as pause from mails where id = $1`,
      id,
    )
  )[0]

describe('a mail', () => {
  test('leaves after the commit, once, and its body is wiped', async () => {
    const id = await queue({ subject: 'Zażółć ✓' })
    expect(await run()).toEqual({ delivered: 1, failures: [] })
    expect(await run()).toEqual({ delivered: 0, failures: [] })
    expect(smtp.received).toHaveLength(1)
    expect(smtp.received[0]).toMatchObject({ from: 'shop@shop.example', to: ['anna@example.com'] })
    expect(smtp.received[0]?.data).toContain(`\r\nMessage-ID: <${id}@shop.example>\r\n`)
    expect(smtp.received[0]?.data).toContain(SECRET)
    expect(await stateOf(id)).toMatchObject({ state: 'delivered', attempts: 1, last_error: null, wiped: true })
    expect(JSON.stringify(await rows('select to_jsonb(m) from mails m'))).not.toContain(SECRET)
  })

  test('keeps what it says sealed while it waits', async () => {
    await queue()
    const [row = {}] = await rows(`select to_jsonb(m)::text as row, encode(sealed_body, 'escape') as body from mails m`)
    for (const secret of [SECRET, Buffer.from(SECRET).toString('hex'), Buffer.from(SECRET).toString('base64')]) {
      expect(row.row + row.body).not.toContain(secret)
    }
  })

  test('is opened with an older key, and waits while that is not set', async () => {
    const id = await queue()
    const newKey = 'another-key-for-tests-and-nothing-else'
    const reason = 'sealed with a SECRET_KEY that is not set now'
    expect(await run(sender(), makeMailSeal([newKey]))).toMatchObject({ failures: [{ reason, isGivenUp: false }] })
    expect((await findMail(db, makeMailSeal([newKey]), id))?.text).toBeNull()
    expect(smtp.received).toEqual([])
    await wakeUp()
    expect((await run(sender(), makeMailSeal([newKey, KEY]))).delivered).toBe(1)
    expect(smtp.received[0]?.data).toContain(SECRET)
  })

  test('opens nowhere but in its own row', async () => {
    const [annas, jans] = [await queue(), await queue({ to: 'jan@example.com', text: 'Hello Jan' })]
    await rows(
      'update mails set sealed_body = (select sealed_body from mails where id = $1) where id = $2',
      annas,
      jans,
    )
    expect((await findMail(db, SEAL, jans))?.text).toBeNull()
    await run()
    expect(smtp.received.map(({ to }) => to)).toEqual([['anna@example.com']])
  })

  test('that comes too late to be of use is not sent, and says so', async () => {
    const id = await queue({ sendBefore: new Date(Date.now() + 3_600_000) })
    smtp.manners = (command) => (command === 'RCPT' ? '451 later' : undefined)
    expect((await run()).failures).toMatchObject([{ attempts: 1, isGivenUp: false }])
    await rows(`update mails set send_before = now()`)
    await wakeUp()
    smtp.manners = () => undefined
    const reason = 'too late to be of use; the last try: 451 later'
    expect(await run()).toEqual({
      delivered: 0,
      failures: [{ id, kind: 'test', attempts: 1, reason, isGivenUp: true }],
    })
    expect(smtp.received).toEqual([])
    expect(await stateOf(id)).toMatchObject({ state: 'failed', attempts: 1, last_error: reason, wiped: true })
  })

  test('that has a time limit goes out within it', async () => {
    await queue({ sendBefore: new Date(Date.now() + 60_000) })
    expect((await run()).delivered).toBe(1)
  })

  test('is not there when its transaction is undone', async () => {
    const undone = db.transaction(async (tx) => {
      await queueMail(tx, SEAL, { to: 'anna@example.com', subject: 'Hello', text: 'Hello', kind: 'test' })
      throw new Error('undone')
    })
    await expect(undone).rejects.toThrow('undone')
    expect(await listMails(db, { limit: 10 })).toEqual({ count: 0, items: [] })
  })

  test('is delivered by one of many servers, not by each', async () => {
    const ids = await Promise.all(Array.from({ length: 30 }, (_, i) => queue({ to: `customer${i}@example.com` })))
    const runs = await Promise.all(Array.from({ length: 5 }, () => run()))
    expect(runs.reduce((sum, { delivered }) => sum + delivered, 0)).toBe(30)
    expect(new Set(smtp.received.map(({ to }) => to.join())).size).toBe(30)
    expect(smtp.received).toHaveLength(ids.length)
  })

  test('is tried again by the next run that comes after the pause, with the same Message-ID', async () => {
    const id = await queue()
    smtp.manners = (command) => (command === 'RCPT' ? '451 4.7.1 greylisted, come back later' : undefined)
    const reason = '451 4.7.1 greylisted, come back later'
    expect(await run()).toEqual({
      delivered: 0,
      failures: [{ id, kind: 'test', attempts: 1, reason, isGivenUp: false }],
    })
    expect(await stateOf(id)).toEqual({ state: 'waiting', attempts: 1, last_error: reason, wiped: false, pause: 30 })
    expect((await run()).failures).toEqual([])

    await wakeUp()
    smtp.manners = (command) => (command === '.' ? '452 full' : undefined)
    expect((await run()).failures).toMatchObject([{ attempts: 2, reason: '452 full' }])
    expect(await stateOf(id)).toMatchObject({ pause: 60 })

    await wakeUp()
    smtp.manners = () => undefined
    expect((await run()).delivered).toBe(1)
    expect(smtp.received[0]?.data).toContain(`\r\nMessage-ID: <${id}@shop.example>\r\n`)
  })

  test.each([
    ['the recipient', 'RCPT', '550 5.1.1 no such mailbox'],
    ['the mail', '.', `554 5.7.1 spam: ${SECRET}`],
  ])('is given up at once when %s is refused for good, and wiped', async (_, command, reply) => {
    const id = await queue()
    smtp.manners = (heard) => (heard === command ? reply : undefined)
    const reason = reply.replace(SECRET, '…')
    expect((await run()).failures).toEqual([{ id, kind: 'test', attempts: 1, reason, isGivenUp: true }])
    expect(await stateOf(id)).toMatchObject({ state: 'failed', last_error: reason, wiped: true })
    await wakeUp()
    expect((await run()).failures).toEqual([])
  })

  test.each([
    ['the sender', 'MAIL', '550 5.7.1 sender not allowed'],
    ['the connection', 'CONNECT', '554 5.7.1 no service for you'],
  ])('waits when %s is refused: that is for the operator to mend', async (_, command, reply) => {
    const id = await queue()
    smtp.manners = (heard) => (heard === command ? reply : undefined)
    expect((await run()).failures).toMatchObject([{ isGivenUp: false, reason: reply }])
    expect(await stateOf(id)).toMatchObject({ state: 'waiting', wiped: false })
  })

  test('is given up after three days, and stays to be seen', async () => {
    const id = await queue()
    await rows(`update mails set queued_at = now() - interval '73 hours', attempts = 79`)
    smtp.manners = (command) => (command === 'RCPT' ? '451 later' : undefined)
    expect((await run()).failures).toMatchObject([{ attempts: 80, isGivenUp: true }])
    expect((await listMails(db, { limit: 10 })).items).toMatchObject([{ id, state: 'failed', lastError: '451 later' }])
  })

  test.each(['CONNECT', 'RCPT', '.'])('does not hang with a server that does, at %s', async (command) => {
    const id = await queue()
    smtp.manners = (heard) => (heard === command ? 'hang' : undefined)
    const begun = Date.now()
    expect((await run(sender({ withinMs: 600 }))).failures).toMatchObject([{ id, isGivenUp: false }])
    expect(Date.now() - begun).toBeLessThan(5_000)
    expect(await stateOf(id)).toMatchObject({ state: 'waiting', pause: 30 })
  })

  test('does not wait for a server that keeps talking and never comes to an end', async () => {
    const chatty = createServer((socket) => {
      const timer = setInterval(() => socket.write('220-one moment, please\r\n'), 20)
      socket.on('error', () => {}).on('close', () => clearInterval(timer))
    })
    await new Promise<void>((resolve) => chatty.listen(0, '127.0.0.1', resolve))
    const { port } = chatty.address() as { port: number }
    await queue()
    const { failures } = await run(makeSmtpSender(`smtp://127.0.0.1:${port}`, FROM, { withinMs: 600 }))
    expect(failures).toMatchObject([{ isGivenUp: false }])
    await new Promise((resolve) => chatty.close(resolve))
  })

  test('waits when there is nobody at the server’s address', async () => {
    await queue()
    await smtp.stop()
    expect((await run()).failures).toMatchObject([
      { isGivenUp: false, reason: expect.stringContaining('ECONNREFUSED') },
    ])
  })

  test('whose server died over it is tried again later', async () => {
    const id = await queue()
    const death = new AbortController()
    const sendAndDie = () => {
      death.abort()
      return new Promise<void>(() => {})
    }
    void deliverMails(db, { sender: { send: sendAndDie }, seal: SEAL }, { signal: death.signal })
    await expect.poll(() => stateOf(id)).toMatchObject({ attempts: 1, pause: 300 })
    expect((await run()).delivered).toBe(0)
    await wakeUp()
    expect((await run()).delivered).toBe(1)
    expect(await stateOf(id)).toMatchObject({ state: 'delivered', attempts: 2 })
  })

  test('that is being sent when the server stops is left as it was', async () => {
    const id = await queue()
    smtp.manners = (command) => (command === '.' ? 'hang' : undefined)
    const stopping = new AbortController()
    const delivering = deliverMails(db, { sender: sender(), seal: SEAL }, { signal: stopping.signal })
    await expect.poll(() => stateOf(id)).toMatchObject({ attempts: 1 })
    stopping.abort()
    expect(await delivering).toEqual({ delivered: 0 })
    expect(await stateOf(id)).toMatchObject({ state: 'waiting', attempts: 0, pause: 0, last_error: null })
  })

  test('to an address that would be another command is given up, and nobody gets it', async () => {
    const id = await queue({ to: 'anna@example.com>\r\nRCPT TO:<all@example.com' })
    expect((await run()).failures).toMatchObject([{ id, isGivenUp: true }])
    expect(smtp.received).toEqual([])
  })

  test('whose subject would be another header is one without', async () => {
    await queue({ subject: 'Hello\r\nBcc: all@example.com' })
    await run()
    expect(smtp.received[0]?.data).toContain('\r\nSubject: Hello Bcc: all@example.com\r\n')
    expect(smtp.received[0]?.to).toEqual(['anna@example.com'])
  })

  test('whose text looks like the end of the mail comes whole', async () => {
    await queue({ text: 'one\r\n.\r\nMAIL FROM:<x@example.com>\r\n..two\n', html: undefined as never })
    await run()
    expect(smtp.received).toHaveLength(1)
    expect(smtp.received[0]?.data).toContain('one\r\n.\r\nMAIL FROM:<x@example.com>\r\n..two')
  })
})

test('without a mail server, mails come to lie in the folder', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tradepost-test-'))
  const id = await queue()
  expect((await run(makeFolderSender(directory, FROM))).delivered).toBe(1)
  expect(readdirSync(directory)).toEqual([`${id}.eml`])
  expect(await stateOf(id)).toMatchObject({ state: 'delivered', wiped: true })
  rmSync(directory, { recursive: true })
})

test('a password is sent in the clear to this machine, and to no other', async () => {
  const heard: string[] = []
  smtp.manners = (command, argument) => {
    heard.push(`${command} ${argument}`.trim())
    return undefined
  }
  await queue()
  // To whoever reads the address, this is some other machine.
  const elsewhere = smtp.url.replace('//127.0.0.1', '//shop:p%40ss@[::ffff:127.0.0.1]')
  expect((await run(makeSmtpSender(elsewhere, FROM))).failures).toMatchObject([{ isGivenUp: false }])
  expect(heard.filter((line) => /AUTH|MAIL/.test(line))).toEqual([])

  await wakeUp()
  const here = smtp.url.replace('//', '//shop:p%40ss@')
  expect((await run(makeSmtpSender(here, FROM))).delivered).toBe(1)
  expect(heard).toContain(`AUTH PLAIN ${Buffer.from('\0shop\0p@ss').toString('base64')}`)
})

test('mails are listed newest first; a text can be read while it waits', async () => {
  const older = await queue({ subject: 'older' })
  await run()
  const newer = await queue({ subject: 'newer', text: 'Hello.' })
  const { count, items } = await listMails(db, { limit: 1 })
  expect([count, items.map(({ id }) => id)]).toEqual([2, [newer]])
  expect((await findMail(db, SEAL, newer))?.text).toBe('Hello.')
  expect((await findMail(db, SEAL, older))?.text).toBeNull()
})

test('mails that came to an end a month ago are forgotten, those that wait are not', async () => {
  const ended = await queue()
  await run()
  const waiting = await queue()
  const months = `interval '31 days'`
  await rows(`update mails set queued_at = now() - ${months}, ended_at = ended_at - ${months}`)
  await forgetOldMails(db)
  expect([await findMail(db, SEAL, ended), (await findMail(db, SEAL, waiting))?.id]).toEqual([undefined, waiting])
})

describe('a mailbox', () => {
  const pauseOf = (to: string, kind = 'test') => pauseBefore(db, { to, kind })

  test('has room for five mails of a kind within an hour', async () => {
    for (let i = 0; i < 4; i++) await queue()
    expect(await pauseOf('anna@example.com')).toBe(0)
    await queue()
    await run()
    await rows(
      `update mails set queued_at = now() - interval '50 minutes' where id = (select min(id::text)::uuid from mails)`,
    )
    expect(await pauseOf('anna@example.com')).toBe(600)
    expect([await pauseOf('anna@example.com', 'another'), await pauseOf('jan@example.com')]).toEqual([0, 0])
    await rows(`update mails set queued_at = queued_at - interval '10 minutes'`)
    expect(await pauseOf('anna@example.com')).toBe(0)
  })

  test.each(['ANNA@Example.com', 'anna+2@example.com', 'Anna+a+b@example.com', 'ａｎｎａ@example.com'])(
    'is the same one as %s',
    async (to) => {
      for (let i = 0; i < 5; i++) await queue({ to: `anna+${i}@example.com` })
      expect(await pauseOf(to)).toBeGreaterThan(3_500)
    },
  )

  test.each(['+anna@example.com', 'anna.b@example.com', 'anna@example.com.pl', 'example.com', '@'])(
    'is another one than %s',
    async (to) => {
      for (let i = 0; i < 5; i++) await queue()
      expect(await pauseOf(to)).toBe(0)
    },
  )
})
