import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { brokenConstraint } from '../../server/src/store/database.ts'
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

interface Customer {
  readonly person: Person
  readonly client: ShopClient
}

async function newCustomer(username: string): Promise<Customer> {
  const client = new ShopClient(server.baseUrl)
  return { person: await signUp(client, username), client }
}
const confirm = (token: unknown, password?: string) =>
  stranger.post('/api/email-verification/confirm', { token, ...(password !== undefined && { password }) })
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

  test('that is changed is not a confirmed one, and what was sent to one before is worth nothing', async () => {
    const { person, client } = await newCustomer('ewa')
    await confirm((await lastMailTo(server, person.email, 'verify-email')).token)
    const rename = (email: string) => client.put(`/api/profile/${person.uuid}`, { username: 'ewa', email })
    await rename('EWA@example.com')
    expect(await isVerified(person)).toBe(true) // the same one in other letters

    expect((await rename('ewa@shop.example')).body.email).toBe('ewa@shop.example')
    expect(await isVerified(person)).toBe(false)
    const toNew = await lastMailTo(server, 'ewa@shop.example', 'verify-email')
    await rename('ewa@another.example')
    expectBadToken(await confirm(toNew.token, person.password))
    await rename('ewa@shop.example')
    expectBadToken(await confirm(toNew.token, person.password)) // not even when that address comes back
    expect(await isVerified(person)).toBe(false)
  })

  test('is shown to its owner, and since when it is confirmed', async () => {
    const { person, client } = await newCustomer('irena')
    const shown = async () => (await client.get('/api/email-verification')).body
    const { email } = person
    expect(await shown()).toEqual({ email, verified: false, date_verified: null, recovery_email: email })
    await confirm((await lastMailTo(server, email, 'verify-email')).token)
    const { date_verified, ...rest } = await shown()
    expect(rest).toEqual({ email, verified: true, recovery_email: email })
    expect(Math.abs(Date.now() - Date.parse(date_verified))).toBeLessThan(60_000)
    expect(date_verified).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

    await client.put(`/api/profile/${person.uuid}`, { username: 'irena', email: 'irena@new.example' })
    const pending = { email: 'irena@new.example', verified: false, date_verified: null, recovery_email: email }
    expect(await shown()).toEqual(pending)
  })
})

describe('a new e-mail address', () => {
  const changeEmail = async ({ person, client }: Customer, email: string, username = person.username) => {
    const answer = await client.put(`/api/profile/${person.uuid}`, { username, email })
    expect([answer.status, answer.body.email]).toEqual([200, email])
  }
  const addressesOf = async ({ uuid }: Person) =>
    (
      await rowsOf(server.db, 'select username, email, recovery_email as recovery from customers where id = $1', [uuid])
    )[0]

  test('does not let whoever has borrowed a session take the account over', async () => {
    const anna = await newCustomer('borrowed')
    const { person } = anna
    await changeEmail(anna, 'thief@evil.example')
    const notice = await lastMailTo(server, person.email, 'email-changed')
    expect(notice.subject).toBe('Namiot & Szlak: your e-mail address was changed')
    expect([notice.text.includes('evil'), notice.token]).toEqual([false, ''])

    // Whatever name the thief gives, the link goes where it always went.
    for (const name of ['borrowed', 'thief@evil.example']) expect((await askReset(name)).status).toBe(200)
    expect(await mailsTo(server, 'thief@evil.example', 'reset-password')).toEqual([])
    expect(await mailsTo(server, person.email, 'reset-password')).toHaveLength(2)
    // Reading mail at the new address is not enough to make it the one.
    const { token } = await lastMailTo(server, 'thief@evil.example', 'verify-email')
    const missing = await confirm(token)
    expect([missing.status, missing.body.details]).toEqual([400, { password: ['This field is required.'] }])
    expect((await confirm(token, 'a-guess')).body.code).toBe(3001)
    expect(await isVerified(person)).toBe(false)

    const way = (await lastMailTo(server, person.email, 'reset-password')).token
    expect((await reset(way)).status).toBe(200)
    expect(await addressesOf(person)).toEqual({ username: 'borrowed', email: person.email, recovery: null })
    expect((await anna.client.get('/api/profile')).status).toBe(403)
    expect([await canSignIn(person, 'a-new-password'), await isVerified(person)]).toEqual([true, true])
    expectBadToken(await confirm(token, 'a-new-password'))
  })

  test('is undone by the way back even if it was changed again and the username with it', async () => {
    const email = 'renamed@example.com'
    const client = new ShopClient(server.baseUrl)
    await client.post('/api/register', { username: email, email, password: 'obiwansux' })
    const uuid = await signIn(client, { username: email, password: 'obiwansux' })
    const person = { uuid, username: email, email, password: 'obiwansux' }
    for (const evil of ['one@evil.example', 'two@evil.example']) await changeEmail({ person, client }, evil, evil)
    expect(await addressesOf(person)).toEqual({
      username: 'two@evil.example',
      email: 'two@evil.example',
      recovery: email,
    })
    expect((await reset(await resetToken(email))).status).toBe(200)
    expect(await addressesOf(person)).toEqual({ username: email, email, recovery: null })
    expect(await canSignIn(person, 'a-new-password')).toBe(true)
  })

  test('is where the way back leads once it is confirmed with the password, and the old one no more', async () => {
    const customer = await newCustomer('moved')
    const { person } = customer
    const toOld = await resetToken(person.email)
    await changeEmail(customer, 'moved@new.example')
    const { token, text } = await lastMailTo(server, 'moved@new.example', 'verify-email')
    expect(text).toContain('You will be asked for your password.')
    const answer = await confirm(token, person.password)
    expect([answer.status, answer.body.message]).toEqual([200, 'email verified'])
    expect(await addressesOf(person)).toEqual({ username: 'moved', email: 'moved@new.example', recovery: null })
    expectBadToken(await reset(toOld))
    await askReset(person.email)
    expect(await mailsTo(server, person.email, 'reset-password')).toHaveLength(1)
    expect((await reset(await resetToken('moved@new.example'))).status).toBe(200)
  })

  test('leaves a way back that is asked for by the old one or the new, and a wrong password leaves the link good', async () => {
    const customer = await newCustomer('patient')
    await changeEmail(customer, 'patient@new.example')
    const { token } = await lastMailTo(server, 'patient@new.example', 'verify-email')
    expect((await confirm(token, 'wrong')).status).toBe(404)
    await askReset('patient@example.com')
    expect(await mailsTo(server, 'patient@example.com', 'reset-password')).toHaveLength(1)
    expect((await confirm(token, customer.person.password)).status).toBe(200)
  })

  test('may be given up for the old one again, as if nothing had been', async () => {
    const customer = await newCustomer('undecided')
    await changeEmail(customer, 'undecided@new.example')
    await changeEmail(customer, customer.person.email)
    expect(await addressesOf(customer.person)).toEqual({
      username: 'undecided',
      email: customer.person.email,
      recovery: null,
    })
    // It never was another one, so it takes no password.
    const { token } = await lastMailTo(server, customer.person.email, 'verify-email')
    expect((await confirm(token)).status).toBe(200)
  })

  test('leaves the old one nobody else’s while it is the way back', async () => {
    const { person, client } = await newCustomer('keeper')
    await changeEmail({ person, client }, 'keeper@new.example')
    const grab = { username: 'grabber', email: 'KEEPER@example.com', password: 'obiwansux' }
    const registered = await stranger.post('/api/register', grab)
    const accounts = await stranger.post('/create_user/', grab)
    const other = await newCustomer('other')
    const renamed = await other.client.put(`/api/profile/${other.person.uuid}`, { ...grab, username: 'other' })
    expect([registered.status, accounts.status, renamed.status]).toEqual([409, 400, 409])
    expect(await rowsOf(server.db, `select 1 from customers where username = 'grabber'`)).toEqual([])
    expect((await reset(await resetToken(person.email))).status).toBe(200)
  })

  test('leaves the old one nobody else’s, even for who comes at that very moment', async () => {
    const { person } = await newCustomer('racer')
    const grab = `insert into customers (id, username, username_key, email, email_key, password_hash)
                  values ('00000000-0000-7000-8000-00000000abcd', 'grabber', 'grabber', $1, $1, 'x')`
    await server.db.withConnection(async (connection) => {
      await connection.query('begin')
      const rename = `update customers set email = 'racer@new.example', email_key = 'racer@new.example' where id = $1`
      await connection.query(rename, [person.uuid])
      const grabbing = rowsOf(server.db, grab, [person.email]).catch(brokenConstraint)
      const waits = `select 1 from pg_stat_activity where wait_event = 'transactionid' and datname = current_database()`
      await expect.poll(() => rowsOf(server.db, waits)).toHaveLength(1)
      await connection.query('commit')
      expect(await grabbing).toBe('customers_email_key_key')
    })
  })

  test('is not mailed about when it is the same in other letters, or refused', async () => {
    const customer = await newCustomer('quiet')
    await changeEmail(customer, 'QUIET@example.com')
    const taken = { username: 'quiet', email: 'anna@example.com' }
    expect((await customer.client.put(`/api/profile/${customer.person.uuid}`, taken)).status).toBe(409)
    expect(await mailsTo(server, 'quiet@example.com', 'email-changed')).toEqual([])
    expect(await mailsTo(server, 'QUIET@example.com', 'verify-email')).toEqual([])
  })
})

describe('a changed password', () => {
  test('is told to the customer, whichever way it was changed', async () => {
    const { person, client } = await newCustomer('warned')
    const told = async () => (await mailsTo(server, person.email, 'password-changed')).length
    const change = { username: 'warned', old_password: person.password, password: 'second-password' }
    expect((await client.put(`/api/profile/${person.uuid}/setpassword`, change)).status).toBe(200)
    expect(await told()).toBe(1)

    const ticket = (await client.get('/api/v1/csrf')).body.token
    const whoami = {
      password: 'second-password',
      new_password: 'third-password',
      new_password_again: 'third-password',
    }
    const headers = { 'x-csrf-token': ticket }
    expect((await client.post('/api/v1/whoami/change-password', whoami, { headers })).status).toBe(200)
    expect(await told()).toBe(2)

    expect((await reset(await resetToken(person.email))).status).toBe(200)
    expect(await told()).toBe(3)
    const { subject, text, token } = await lastMailTo(server, person.email, 'password-changed')
    expect([subject, token]).toEqual(['Namiot & Szlak: your password was changed', ''])
    for (const secret of ['third-password', 'a-new-password']) expect(text).not.toContain(secret)
  })

  test('is told where the way back leads, not where a thief has turned the mails to', async () => {
    const { person, client } = await newCustomer('turned')
    await client.put(`/api/profile/${person.uuid}`, { username: 'turned', email: 'turned@evil.example' })
    const change = { username: 'turned', old_password: person.password, password: 'second-password' }
    await client.put(`/api/profile/${person.uuid}/setpassword`, change)
    expect(await mailsTo(server, person.email, 'password-changed')).toHaveLength(1)
    expect(await mailsTo(server, 'turned@evil.example', 'password-changed')).toEqual([])
  })

  test('that was refused is told to nobody', async () => {
    const { person, client } = await newCustomer('refused')
    const change = { username: 'refused', old_password: 'wrong', password: 'second-password' }
    expect((await client.put(`/api/profile/${person.uuid}/setpassword`, change)).status).toBe(404)
    expect(await mailsTo(server, person.email, 'password-changed')).toEqual([])
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

  test('is nowhere but in the mail: not in the database, and never in an answer', async () => {
    const { person, client } = await newCustomer('kasia')
    const verify = await lastMailTo(server, person.email, 'verify-email')
    const answer = await askReset(person.email)
    const mail = await lastMailTo(server, person.email, 'reset-password')
    for (const text of [answer.text, (await client.get('/api/profile')).text]) expect(text).not.toContain(mail.token)
    const everything = async () => {
      const all = await rowsOf<{ all: string }>(
        server.db,
        `select (select jsonb_agg(m)::text from mails m) || (select jsonb_agg(t)::text from account_tokens t) as all`,
      )
      return [verify, mail].some(({ token }) =>
        [token, Buffer.from(token).toString('hex')].some((text) => all[0]?.all.includes(text)),
      )
    }
    expect(await everything()).toBe(false)
    await delivered(mail)
    await delivered(verify)
    expect(await everything()).toBe(false)
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
    // The quickest of each: whatever else the machine does only adds to them.
    const [known, unknown] = [Math.min(...times.known), Math.min(...times.unknown)]
    expect(Math.min(known, unknown)).toBeGreaterThan(95)
    expect(Math.abs(known - unknown)).toBeLessThan(20)
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
    // Six were asked for; the mailbox has had enough before that, and nobody is told.
    expect(await mailsTo(shop, 'anna@example.com', 'reset-password')).toHaveLength(5)
    await shop.stop()
  })
})

describe('nobody’s mailbox is filled', () => {
  let shop: ShopServer
  beforeAll(async () => {
    shop = await startShopServer({ env: { THROTTLE: 'on' } })
  })
  afterAll(() => shop.stop())

  test('by customers on their own request: five an hour, that of the registration with them, and others as before', async () => {
    const statuses: Record<string, number[]> = {}
    for (const name of ['anna', 'jan']) {
      const client = new ShopClient(shop.baseUrl)
      await signUp(client, name)
      statuses[name] = []
      for (let i = 0; i < 6; i++) statuses[name].push((await client.post('/api/email-verification')).status)
    }
    const four = [200, 200, 200, 200, 429, 429]
    expect(statuses).toEqual({ anna: four, jan: four })
    expect(await mailsTo(shop, 'anna@example.com', 'verify-email')).toHaveLength(5)
  })

  test('by many accounts that say they live there', async () => {
    const statuses = []
    for (let i = 0; i < 7; i++) {
      const client = new ShopClient(shop.baseUrl)
      const { uuid, username, email } = await signUp(client, `bomber-${i}`)
      // In other letters, and behind a plus: the same mailbox.
      const target = `victim+${i}@Example.com`
      statuses.push((await client.put(`/api/profile/${uuid}`, { username, email: target })).status)
      statuses.push((await client.put(`/api/profile/${uuid}`, { username, email })).status)
    }
    expect(statuses).toEqual(Array(14).fill(200))
    const text = `select count(*)::int as n from mails where recipient like 'victim%'`
    expect(await rowsOf(shop.db, text)).toEqual([{ n: 5 }])
  })

  test('and a link that somebody has already goes on working when no further mail is sent', async () => {
    const client = new ShopClient(shop.baseUrl)
    await register(client, 'linked')
    for (const name of ['linked', 'LINKED@example.com']) {
      for (let i = 0; i < 5; i++) await client.post('/api/password-reset', { email: name })
    }
    const mails = await mailsTo(shop, 'linked@example.com', 'reset-password')
    expect(mails).toHaveLength(5)
    const wish = { token: mails[0]?.token, password: 'a-new-password' }
    expect((await client.post('/api/password-reset/confirm', wish)).status).toBe(200)
  })

  test('by registrations from one address: they go on, and are mailed no more', async () => {
    const client = new ShopClient(shop.baseUrl)
    const text = `select count(*)::int as n from mails where kind = 'verify-email' and recipient like 'many-%'`
    for (let i = 0; i < 60; i++) await register(client, `many-${i}`)
    const [mailed] = await rowsOf<{ n: number }>(shop.db, text)
    await register(client, 'many-more')
    expect(await rowsOf(shop.db, text)).toEqual([mailed])
    expect(mailed?.n).toBeLessThan(50)
    expect(await rowsOf(shop.db, `select 1 from customers where username like 'many-%'`)).toHaveLength(61)
  })
})

test('a mail with a link is sent no longer than the link works', async () => {
  const { person } = await newCustomer('late')
  await askReset(person.email)
  const text = `select m.kind, m.send_before = date_trunc('milliseconds', t.expires_at) as "isTokens" from mails m
                  join account_tokens t on t.kind = m.kind and t.customer_id = $1 where m.recipient = $2 order by 1`
  expect(await rowsOf(server.db, text, [person.uuid, person.email])).toEqual([
    { kind: 'reset-password', isTokens: true },
    { kind: 'verify-email', isTokens: true },
  ])
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
