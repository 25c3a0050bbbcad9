import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rowsOf } from '../support/books.ts'
import { type FoundMail, lastMailTo, mailsTo } from '../support/mailbox.ts'
import { type Answer, type Person, register, ShopClient, signIn, signUp } from '../support/shop-client.ts'
import { type ShopServer, startShopServer } from '../support/shop-server.ts'

let server: ShopServer
let stranger: ShopClient
beforeAll(async () => {
  server = await startShopServer({ env: { SHOP_NAME: 'Namiot & Szlak' } })
  stranger = new ShopClient(server.baseUrl)
})
afterAll(() => server.stop())

const BAD_TOKEN = {
  code: 2002,
  message: 'token is not valid',
  details: 'it is unknown, was used, or has expired: ask for another mail',
}

async function newCustomer(username: string): Promise<{ person: Person; client: ShopClient }> {
  const client = new ShopClient(server.baseUrl)
  return { person: await signUp(client, username), client }
}
const confirm = (token: unknown) => stranger.post('/api/email-verification/confirm', { token })
const askReset = (email: string) => stranger.post('/api/password-reset', { email })
const reset = (token: unknown, password = 'a-new-password') =>
  stranger.post('/api/password-reset/confirm', { token, password })
const resetToken = async (email: string) => {
  await askReset(email)
  return (await lastMailTo(server, email, 'reset-password')).token
}
const canSignIn = async ({ username }: Person, password: string) =>
  (await new ShopClient(server.baseUrl).post('/api/login', { username, password })).status === 200
const isVerified = async ({ uuid }: Person) =>
  (
    await rowsOf<{ ok: boolean }>(
      server.db,
      'select email_verified_at is not null as ok from customers where id = $1',
      [uuid],
    )
  )[0]?.ok
const expire = (kind: string) =>
  rowsOf(server.db, `update account_tokens set expires_at = now() where kind = $1`, [kind])
const delivered = ({ id }: FoundMail) =>
  expect.poll(() => readdirSync(join(server.config.dataDir, 'mail')), { timeout: 15_000 }).toContain(`${id}.eml`)

function expectBadToken({ status, body }: Answer): void {
  expect([status, body]).toEqual([400, BAD_TOKEN])
}

describe('the e-mail address', () => {
  test('is confirmed with the mail that registration sends, once', async () => {
    const { person } = await newCustomer('anna')
    const mail = await lastMailTo(server, person.email, 'verify-email')
    expect(mail.subject).toBe('Namiot & Szlak: confirm your e-mail address')
    expect(mail.text).toContain(`\n${server.baseUrl}/verify-email?token=${mail.token}\n`)
    expect(mail.text).toMatch(/, until \d{4}-\d\d-\d\d \d\d:\d\d UTC\./)
    expect(await isVerified(person)).toBe(false)

    await delivered(mail)
    const eml = readFileSync(join(server.config.dataDir, 'mail', `${mail.id}.eml`), 'utf8')
    expect(eml).toContain('\r\nTo: anna@example.com\r\n')

    const answer = await confirm((await lastMailTo(server, person.email, 'verify-email')).token)
    expect([answer.status, answer.body]).toEqual([200, { status: 'OK', message: 'email verified' }])
    expect(await isVerified(person)).toBe(true)
    expectBadToken(await confirm(mail.token))
    expect(await isVerified(person)).toBe(true)
  })

  test('can be asked to be confirmed again; the newest mail is the one that works', async () => {
    const { person, client } = await newCustomer('jan')
    const first = await lastMailTo(server, person.email, 'verify-email')
    const again = await client.post('/api/email-verification')
    expect([again.status, again.body]).toEqual([200, { status: 'OK', message: 'mail sent' }])
    const second = await lastMailTo(server, person.email, 'verify-email')
    expectBadToken(await confirm(first.token))
    expect((await confirm(second.token)).status).toBe(200)

    const needless = await client.post('/api/email-verification')
    expect([needless.status, needless.body]).toEqual([200, { status: 'OK', message: 'email already verified' }])
    expect(await mailsTo(server, person.email, 'verify-email')).toHaveLength(2)
  })

  test('that is changed is not a confirmed one, and what was sent to the old one is worth nothing', async () => {
    const { person, client } = await newCustomer('ewa')
    const { token } = await lastMailTo(server, person.email, 'verify-email')
    await confirm(token)
    const profile = { username: 'ewa', email: 'EWA@example.com' }
    await client.put(`/api/profile/${person.uuid}`, profile)
    expect(await isVerified(person)).toBe(true) // the same one in other letters

    await client.post('/api/password-reset', { email: 'ewa' })
    const toOld = await lastMailTo(server, 'EWA@example.com', 'reset-password')
    await client.put(`/api/profile/${person.uuid}`, { ...profile, email: 'ewa@shop.example' })
    expect(await isVerified(person)).toBe(false)
    expectBadToken(await reset(toOld.token))
    await client.put(`/api/profile/${person.uuid}`, profile)
    expectBadToken(await reset(toOld.token)) // not even when the old address comes back
    await client.put(`/api/profile/${person.uuid}`, { ...profile, email: 'ewa@shop.example' })

    await client.post('/api/email-verification')
    const toNew = await lastMailTo(server, 'ewa@shop.example', 'verify-email')
    await client.put(`/api/profile/${person.uuid}`, { ...profile, email: 'ewa@another.example' })
    expectBadToken(await confirm(toNew.token))
    expect(await isVerified(person)).toBe(false)
  })
})

describe('a forgotten password', () => {
  test('is replaced by the way of a mail: old sessions and the old password are dead, the new one works', async () => {
    const { person, client: desk } = await newCustomer('ola')
    const phone = new ShopClient(server.baseUrl)
    await signIn(phone, person)

    const asked = await askReset(person.email)
    expect([asked.status, asked.body]).toEqual([
      200,
      { status: 'OK', message: 'mail sent if there is such a customer' },
    ])
    const mail = await lastMailTo(server, person.email, 'reset-password')
    expect(mail.subject).toBe('Namiot & Szlak: choose a new password')
    expect(mail.text).toContain(`\n${server.baseUrl}/reset-password?token=${mail.token}\n`)
    expect((await desk.get('/api/profile')).status).toBe(200)

    const answer = await reset(mail.token)
    expect([answer.status, answer.body]).toEqual([200, { status: 'OK', message: 'password changed' }])
    expect(answer.headers['set-cookie']).toBeUndefined()
    for (const client of [desk, phone]) expect((await client.get('/api/profile')).status).toBe(403)
    expect(await canSignIn(person, person.password)).toBe(false)
    expect(await canSignIn(person, 'a-new-password')).toBe(true)
    expect(await isVerified(person)).toBe(true) // who reads the mail has the address
    expectBadToken(await reset(mail.token, 'yet-another'))
    expect(await canSignIn(person, 'a-new-password')).toBe(true)
  })

  test('may be asked for by the username, in any letters', async () => {
    const { person } = await newCustomer('ala')
    for (const name of ['ALA', 'Ala@Example.com']) expect((await askReset(name)).status).toBe(200)
    expect(await mailsTo(server, person.email, 'reset-password')).toHaveLength(2)
  })

  test('has one good mail, the newest', async () => {
    const { person } = await newCustomer('ula')
    const first = await resetToken(person.email)
    const second = await resetToken(person.email)
    expectBadToken(await reset(first))
    expect((await reset(second)).status).toBe(200)
  })

  test('is not replaced by a weak one, and the mail is still good then', async () => {
    const { person, client } = await newCustomer('iza')
    const token = await resetToken(person.email)
    const weak = await reset(token, 'abc')
    expect([weak.status, weak.body.code, Object.keys(weak.body.details)]).toEqual([400, null, ['password']])
    expect((await client.get('/api/profile')).status).toBe(200)
    expect((await reset(token)).status).toBe(200)
  })

  test('is replaced once by two who come with one mail at the same time', async () => {
    const { person } = await newCustomer('basia')
    const token = await resetToken(person.email)
    const passwords = Array.from({ length: 6 }, (_, i) => `a-new-password-${i}`)
    const answers = await Promise.all(passwords.map((password) => reset(token, password)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400, 400, 400])
    const good = await Promise.all(passwords.map((password) => canSignIn(person, password)))
    expect(good).toEqual(answers.map(({ status }) => status === 200))
  })

  test('needs no mail from before it was changed', async () => {
    const { person, client } = await newCustomer('zosia')
    const token = await resetToken(person.email)
    const change = { username: 'zosia', old_password: person.password, password: 'a-new-password' }
    expect((await client.put(`/api/profile/${person.uuid}/setpassword`, change)).status).toBe(200)
    expectBadToken(await reset(token, 'somebody-elses'))
    expect(await canSignIn(person, 'a-new-password')).toBe(true)
  })
})

describe('a token', () => {
  test('that has expired is answered like one that never was, and changes nothing', async () => {
    const { person } = await newCustomer('maria')
    const { token: verify } = await lastMailTo(server, person.email, 'verify-email')
    const forReset = await resetToken(person.email)
    await expire('verify-email')
    await expire('reset-password')
    expectBadToken(await confirm(verify))
    expectBadToken(await reset(forReset))
    expect([await isVerified(person), await canSignIn(person, person.password)]).toEqual([false, true])
  })

  test('of one kind is none of the other, and a session’s is neither', async () => {
    const { person, client } = await newCustomer('hanna')
    const { token: verify } = await lastMailTo(server, person.email, 'verify-email')
    const forReset = await resetToken(person.email)
    const session = client.cookies.get('sessionid')
    for (const token of [verify, session]) expectBadToken(await reset(token))
    for (const token of [forReset, session]) expectBadToken(await confirm(token))
    for (const token of [verify, forReset]) {
      const headers = { authorization: `Bearer ${token}` }
      expect((await stranger.get('/api/profile', { headers })).status).toBe(403)
    }
    expect([(await confirm(verify)).status, (await reset(forReset)).status]).toEqual([200, 200])
  })

  test.each(['x', 'x'.repeat(43), '0'.repeat(200), "' or 1=1 --", '%00', '../../etc/passwd', '🏕️', ' '])(
    'that is made up is none: %j',
    async (token) => {
      expectBadToken(await confirm(token))
      expectBadToken(await reset(token))
    },
  )

  test('that is changed a little is none', async () => {
    const { person } = await newCustomer('lena')
    const token = await resetToken(person.email)
    const changed = [token.slice(1), token.slice(0, -1), `${token}x`, ` ${token}`, token.toLowerCase(), `${token}=`]
    for (const forged of changed) expectBadToken(await reset(forged))
    expect((await reset(token)).status).toBe(200)
  })

  test('is nowhere but in the mail: not in the database once that is delivered, and never in an answer', async () => {
    const { person, client } = await newCustomer('kasia')
    const verify = await lastMailTo(server, person.email, 'verify-email')
    const answer = await askReset(person.email)
    const mail = await lastMailTo(server, person.email, 'reset-password')
    for (const text of [answer.text, (await client.get('/api/profile')).text]) expect(text).not.toContain(mail.token)
    await delivered(mail)
    await delivered(verify)
    const everything = async () => {
      const all = await rowsOf<{ all: string }>(
        server.db,
        `select (select jsonb_agg(m)::text from mails m) || (select jsonb_agg(t)::text from account_tokens t) as all`,
      )
      return [verify, mail].some(({ token }) => all[0]?.all.includes(token))
    }
    await expect.poll(everything).toBe(false)
  })
})

describe('nobody learns who is a customer', () => {
  test('from the answer to a request for a new password', async () => {
    const { person } = await newCustomer('wanda')
    const known = await askReset(person.email)
    for (const name of [
      'nobody@example.com',
      'nobody',
      '',
      ' ',
      'x'.repeat(254),
      'wanda@example.com\r\nBcc: x@y.pl',
      '🏕️',
    ]) {
      const unknown = await askReset(name)
      expect([name, unknown.status, unknown.text]).toEqual([name, known.status, known.text])
      expect(Object.keys(unknown.headers)).toEqual(Object.keys(known.headers))
    }
    expect(await mailsTo(server, person.email, 'reset-password')).toHaveLength(1)
  })

  test('from the time it takes', async () => {
    const { person } = await newCustomer('teresa')
    const times: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] }
    for (let i = 0; i < 15; i++) {
      for (const [who, email] of [['known', person.email] as const, ['unknown', 'nobody@example.com'] as const]) {
        const begun = performance.now()
        await askReset(email)
        times[who].push(performance.now() - begun)
      }
    }
    const median = (all: number[]) => all.toSorted((a, b) => a - b)[7] ?? 0
    expect(Math.min(...times.known, ...times.unknown)).toBeGreaterThan(95)
    expect(Math.abs(median(times.known) - median(times.unknown))).toBeLessThan(20)
  })

  test('from the throttle, which counts the name that was given', async () => {
    const shop = await startShopServer({ env: { THROTTLE: 'on' } })
    const client = new ShopClient(shop.baseUrl)
    await register(client, 'anna')
    const ask = async (email: string) => (await client.post('/api/password-reset', { email })).status
    for (const name of ['anna', 'nobody']) {
      const statuses = []
      for (let i = 0; i < 6; i++) statuses.push(await ask(name))
      expect([name, statuses]).toEqual([name, [200, 200, 200, 200, 200, 429]])
    }
    expect(await ask('anna@example.com')).toBe(200)
    const refused = await client.post('/api/password-reset', { email: 'ANNA' })
    expect([refused.status, Number(refused.headers['retry-after']) > 3_000]).toEqual([429, true])
    expect(await mailsTo(shop, 'anna@example.com', 'reset-password')).toHaveLength(6)
    await shop.stop()
  })
})

test('a customer is mailed at most five times an hour on their own request, and others as before', async () => {
  const shop = await startShopServer({ env: { THROTTLE: 'on' } })
  const statuses: Record<string, number[]> = {}
  for (const name of ['anna', 'jan']) {
    const client = new ShopClient(shop.baseUrl)
    await signUp(client, name)
    statuses[name] = []
    for (let i = 0; i < 6; i++) statuses[name].push((await client.post('/api/email-verification')).status)
  }
  const five = [200, 200, 200, 200, 200, 429]
  expect(statuses).toEqual({ anna: five, jan: five })
  await shop.stop()
})

test.each([
  'mallory@example.com\r\nBcc: all@example.com',
  'mallory@example.com\nBcc: all@example.com',
  'mallory@example.com, all@example.com',
  'mallory@example.com> RCPT TO:<all@example.com',
  '"all@example.com" <mallory@example.com>',
  'mallory(all@example.com)@example.com',
  'mal\x01lory@example.com',
  'mallory@example.com\u2028Bcc: all@example.com',
])('an e-mail that would be more than one is nobody’s: %j', async (email) => {
  const answer = await stranger.post('/api/register', { username: 'mallory', email, password: 'obiwansux' })
  expect([answer.status, answer.body.details]).toEqual([400, { email: ['Enter a valid email address.'] }])
})

test('a mail repeats nothing that whoever registers has written', async () => {
  const registration = { username: 'evil.example', first_name: '<b>Visit evil.example</b>', password: 'obiwansux' }
  await stranger.post('/api/register', { ...registration, email: 'victim@example.com' })
  await askReset('victim@example.com')
  const mails = await Promise.all(
    (['verify-email', 'reset-password'] as const).map((kind) => lastMailTo(server, 'victim@example.com', kind)),
  )
  for (const { subject, text } of mails) expect(subject + text).not.toContain('evil')
})

test('a registration that is refused mails nobody', async () => {
  const { person } = await newCustomer('unique')
  const again = { username: 'another', email: person.email.toUpperCase(), password: 'obiwansux' }
  expect((await stranger.post('/api/register', again)).status).toBe(409)
  expect(await mailsTo(server, person.email, 'verify-email')).toHaveLength(1)
  expect(await mailsTo(server, again.email, 'verify-email')).toEqual([])
})
