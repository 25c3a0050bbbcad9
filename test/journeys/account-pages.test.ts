import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rowsOf } from '../support/books.ts'
import { lastMailTo } from '../support/mailbox.ts'
import { type Answer, type Person, ShopClient, send, signUp } from '../support/shop-client.ts'
import { type ShopServer, startShopServer } from '../support/shop-server.ts'
import { digestOf, expectNothingChanged } from '../support/shop-world.ts'

// The pages that mails lead to, as a browser without scripts uses them.

const SHOP_NAME = '<Namiot> & "Szlak"'
let server: ShopServer
beforeAll(async () => {
  server = await startShopServer({ env: { SHOP_NAME, PASSWORD_POLICY: 'strong' } })
})
afterAll(() => server.stop())

const NEW_PASSWORD = 'seven-green-tents'
const PATHS = ['/verify-email', '/reset-password', '/forgot-password']

async function newCustomer(username: string): Promise<{ person: Person; client: ShopClient }> {
  const client = new ShopClient(server.baseUrl)
  return { person: await signUp(client, username), client }
}
const open = (link: string) => send(server.baseUrl, 'GET', link.replace(server.baseUrl, ''), undefined)
/** With what a browser sends along that keeps the address to itself. */
const FROM_PAGE = {
  'content-type': 'application/x-www-form-urlencoded',
  origin: 'null',
  'sec-fetch-site': 'same-origin',
}
const post = (path: string, fields: Record<string, string>, headers: Record<string, string | undefined> = {}) =>
  send(server.baseUrl, 'POST', path, new URLSearchParams(fields).toString(), { ...FROM_PAGE, ...headers })

/** Fills in the page's one form and presses its button. */
async function submit(link: string, filled: Record<string, string> = {}): Promise<Answer> {
  const page = await open(link)
  expect(page.status).toBe(200)
  const form = /<form method="post" action="\?">(.*)<\/form>/s.exec(page.text)?.[1] ?? ''
  const inputs = [...form.matchAll(/<input [^>]*>/g)].map(([tag]) => ({
    name: attribute(tag, 'name'),
    value: attribute(tag, 'value'),
  }))
  const named = inputs.filter(({ name }) => name !== '')
  expect(Object.keys(filled).filter((name) => !named.some((input) => input.name === name))).toEqual([])
  const fields = Object.fromEntries(named.map(({ name, value }) => [name, filled[name] ?? value]))
  return post(new URL(link, server.baseUrl).pathname, fields)
}
const attribute = (tag: string, name: string) => new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? ''
const headingOf = ({ text }: Answer) => /<h1>(.*)<\/h1>/.exec(text)?.[1]
const problemsIn = ({ text }: Answer) => [...text.matchAll(/<p class="problem"[^>]*>(.*?)<\/p>/g)].map(([, it]) => it)
const linkIn = (text: string) => /^http\S+$/m.exec(text)?.[0] ?? ''

async function mailedLink(
  email: string,
  kind: 'verify-email' | 'reset-password' | 'email-changed' | 'password-changed',
) {
  if (kind === 'reset-password') await new ShopClient(server.baseUrl).post('/api/password-reset', { email })
  return linkIn((await lastMailTo(server, email, kind)).text)
}
const isVerified = async ({ uuid }: Person) =>
  (
    await rowsOf<{ ok: boolean }>(
      server.db,
      'select email_verified_at is not null as ok from customers where id = $1',
      [uuid],
    )
  )[0]?.ok
const canSignIn = async ({ username }: Person, password: string) =>
  (await new ShopClient(server.baseUrl).post('/api/login', { username, password })).status === 200

const BAD_LINK = 'This link does not work any more'

describe('confirming the e-mail address', () => {
  test('takes a look, which uses nothing up, and a press of the button', async () => {
    const { person } = await newCustomer('ada')
    const link = await mailedLink(person.email, 'verify-email')
    await expectNothingChanged(server, async () => {
      for (let i = 0; i < 3; i++) expect((await open(link)).status).toBe(200)
      expect((await send(server.baseUrl, 'HEAD', link.replace(server.baseUrl, ''), undefined)).status).toBe(200)
    })
    const done = await submit(link)
    expect([done.status, headingOf(done)]).toEqual([200, 'Your address is confirmed'])
    expect(await isVerified(person)).toBe(true)
  })

  test('is told to be over when the link was used', async () => {
    const { person } = await newCustomer('jan')
    const link = await mailedLink(person.email, 'verify-email')
    await submit(link)
    const token = new URL(link).searchParams.get('token') ?? ''
    for (const page of [await open(link), await post('/verify-email', { token })]) {
      expect([page.status, headingOf(page)]).toEqual([400, BAD_LINK])
      expect(page.text).toContain('sign in and ask for another mail')
    }
  })

  test('of an address that takes the place of another takes the password, and says what is wrong with it', async () => {
    const { person, client } = await newCustomer('ewa')
    await client.put(`/api/profile/${person.uuid}`, { username: 'ewa', email: 'ewa@new.example' })
    const link = await mailedLink('ewa@new.example', 'verify-email')
    expect(problemsIn(await submit(link))).toEqual(['Enter your password.'])
    const wrong = await submit(link, { password: 'a-guess' })
    expect([wrong.status, problemsIn(wrong)]).toEqual([400, ['That is not your password.']])
    expect(wrong.text).toContain('<title>Not yet: Confirm your address · ')
    expect(await isVerified(person)).toBe(false)
    expect((await submit(link, { password: person.password })).status).toBe(200)
    expect(await isVerified(person)).toBe(true)
  })
})

describe('choosing a new password', () => {
  test('takes a look, which uses nothing up, and the password twice', async () => {
    const { person, client } = await newCustomer('ola')
    const link = await mailedLink(person.email, 'reset-password')
    await expectNothingChanged(server, async () => {
      for (let i = 0; i < 3; i++) expect((await open(link)).status).toBe(200)
    })
    const done = await submit(link, { password: NEW_PASSWORD, again: NEW_PASSWORD })
    expect([done.status, headingOf(done)]).toEqual([200, 'Your password is changed'])
    expect((await client.get('/api/profile')).status).toBe(403)
    expect([await canSignIn(person, person.password), await canSignIn(person, NEW_PASSWORD)]).toEqual([false, true])
    expect(done.headers['set-cookie']).toBeUndefined()
  })

  test('says at the field what is wrong with it, and the link is still good then', async () => {
    const { person } = await newCustomer('iza')
    const link = await mailedLink(person.email, 'reset-password')
    const tries = {
      'k7-qz': ['This password is too short. It must contain at least 10 characters.'],
      password123: ['This password is too common.'],
      '': ['This password is too short. It must contain at least 10 characters.'],
    }
    for (const [password, problems] of Object.entries(tries)) {
      const page = await submit(link, { password, again: password })
      expect([page.status, problemsIn(page)]).toEqual([400, problems])
      expect(page.text).toMatch(
        /<input id="password"[^>]* aria-describedby="password-problem password-hint" aria-invalid="true" autofocus>/,
      )
      if (password) expect(page.text).not.toContain(password)
    }
    const differ = await submit(link, { password: NEW_PASSWORD, again: `${NEW_PASSWORD}x` })
    expect([differ.status, problemsIn(differ)]).toEqual([400, ['The two are not the same. Enter both once more.']])
    expect((await submit(link, { password: NEW_PASSWORD, again: NEW_PASSWORD })).status).toBe(200)
  })

  test('is over when the link was used, and leads to where another is asked for', async () => {
    const { person } = await newCustomer('ula')
    const link = await mailedLink(person.email, 'reset-password')
    await submit(link, { password: NEW_PASSWORD, again: NEW_PASSWORD })
    const spent = await open(link)
    expect([spent.status, headingOf(spent)]).toEqual([400, BAD_LINK])
    const next = /href="([^"]+)"/.exec(spent.text)?.[1] ?? ''
    expect(next).toBe(`${server.baseUrl}/forgot-password`)
    const asked = await submit(next, { name: ' ULA ' })
    expect([asked.status, headingOf(asked)]).toEqual([200, 'Look into your mailbox'])
    expect((await open(await mailedLink(person.email, 'reset-password'))).status).toBe(200)
  })

  test('of nobody is answered as that of a customer', async () => {
    const { person } = await newCustomer('zoe')
    const known = await submit('/forgot-password', { name: person.email })
    for (const name of ['nobody', 'nobody@example.com', '🏕️', 'x'.repeat(300), 'a\0b']) {
      const unknown = await submit('/forgot-password', { name })
      expect([unknown.status, unknown.text]).toEqual([known.status, known.text])
    }
    const none = await submit('/forgot-password', { name: ' ' })
    expect([none.status, problemsIn(none)]).toEqual([400, ['Enter your e-mail address or username.']])
  })
})

test('every link in every kind of mail leads to a page', async () => {
  const { person, client } = await newCustomer('rex')
  const links = [await mailedLink(person.email, 'verify-email'), await mailedLink(person.email, 'reset-password')]
  const change = { username: 'rex', old_password: person.password, password: NEW_PASSWORD }
  await client.put(`/api/profile/${person.uuid}/setpassword`, change)
  links.push(await mailedLink(person.email, 'password-changed'))
  await client.put(`/api/profile/${person.uuid}`, { username: 'rex', email: 'rex@new.example' })
  links.push(await mailedLink(person.email, 'email-changed'), await mailedLink('rex@new.example', 'verify-email'))
  const kinds = await rowsOf<{ kind: string }>(server.db, 'select distinct kind from mails order by kind')
  expect(kinds.map(({ kind }) => kind)).toEqual(['email-changed', 'password-changed', 'reset-password', 'verify-email'])
  const paths = links.map((link) => new URL(link).pathname)
  expect(paths).toEqual(['/verify-email', '/reset-password', '/forgot-password', '/forgot-password', '/verify-email'])
  for (const link of links) {
    // Both are over: the reset by the change of the password, the first address by that of the e-mail.
    const isOver = link === links[0] || link === links[1]
    expect([link, (await open(link)).status]).toEqual([link, isOver ? 400 : 200])
  }
})

describe('every page', () => {
  test.each(PATHS)('keeps its address to itself, runs nothing and is not kept: %s', async (path) => {
    for (const page of [
      await open(path),
      await open(`${path}?token=x`),
      await post(path, {}),
      await post(path, { token: 'x' }),
    ]) {
      expect(page.headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      })
      expect(page.headers['content-security-policy']).toMatch(
        /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
      )
      expect(page.text).not.toMatch(/<script|style="| on\w+=/)
      expect(page.text).toContain('<html lang="en">')
    }
  })

  test.each(PATHS)('shows what it is given as text: %s', async (path) => {
    const evil = `"><script>alert('x')</script>&<b>`
    const query = new URLSearchParams({ token: evil, name: evil })
    for (const page of [
      await open(`${path}?${query}`),
      await post(path, { token: evil, password: evil, again: 'x' }),
    ]) {
      expect(page.text).not.toMatch(/<script|<b>|<Namiot>/)
      expect(page.text).toContain('&lt;Namiot&gt; &amp; &quot;Szlak&quot;')
    }
  })

  test('hands the token of a good link on as text', async () => {
    const { person } = await newCustomer('esc')
    const link = await mailedLink(person.email, 'verify-email')
    expect((await open(link)).text).toContain(`name="token" value="${new URL(link).searchParams.get('token')}"`)
  })

  test.each(PATHS)('refuses what another site made the browser send: %s', async (path) => {
    const before = await digestOf(server)
    const foreign = [
      { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
      { origin: 'null', 'sec-fetch-site': 'cross-site' },
      { origin: undefined, 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example', 'sec-fetch-site': undefined },
      { origin: `${server.baseUrl}.evil.example`, 'sec-fetch-site': undefined },
      { origin: '', 'sec-fetch-site': undefined },
    ]
    for (const headers of foreign) {
      const page = await post(path, { name: 'anna', token: 'x' }, headers)
      expect([headers, page.status, headingOf(page)]).toEqual([headers, 403, 'Not from here'])
    }
    expect(await digestOf(server)).toEqual(before)
  })

  test.each([
    ['application/json', '{"token":"x"}', 415],
    ['multipart/form-data; boundary=x', '--x--', 415],
    [undefined, 'token=x', 415],
    ['application/x-www-form-urlencoded', `token=${'x'.repeat(20_000)}`, 413],
    ['application/x-www-form-urlencoded', '%=%&%00=%ff&&&token=%00&token=x', 400],
  ])('answers a body that is no form of ours with a page: %s', async (type, body, status) => {
    for (const path of PATHS) {
      const page = await send(server.baseUrl, 'POST', path, body, { ...FROM_PAGE, 'content-type': type })
      expect([path, page.status, page.headers['content-type']]).toEqual([path, status, 'text/html; charset=utf-8'])
    }
  })

  test('answers with a page while the database is out of reach', async () => {
    await server.db.query({ text: 'alter table account_tokens rename to gone' })
    const broken = await open('/verify-email?token=x')
    await server.db.query({ text: 'alter table gone rename to account_tokens' })
    expect([broken.status, headingOf(broken)]).toEqual([500, 'Something went wrong'])
    expect(broken.text).not.toContain('account_tokens')
  })
})

test('a form may not come without proof of where from where the shop is reached by https', async () => {
  const shop = await startShopServer({ env: { PUBLIC_URL: 'https://shop.example' } })
  const baseUrl = `http://127.0.0.1:${shop.config.port}`
  const ask = async (headers: Record<string, string>) => {
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    return (await send(baseUrl, 'POST', '/forgot-password', 'name=anna', { ...type, ...headers })).status
  }
  expect(await ask({ origin: 'null' })).toBe(403)
  expect(await ask({ origin: 'null', 'sec-fetch-site': 'same-origin' })).toBe(200)
  expect(await ask({ origin: 'https://shop.example' })).toBe(200)
  expect(await ask({})).toBe(200)
  await shop.stop()
})

describe('with throttling', () => {
  let shop: ShopServer
  beforeAll(async () => {
    shop = await startShopServer({ env: { THROTTLE: 'on' } })
  })
  afterAll(() => shop.stop())
  const ask = (path: string, fields: Record<string, string>) =>
    send(shop.baseUrl, 'POST', path, new URLSearchParams(fields).toString(), FROM_PAGE)

  test('mails are asked for five times an hour, by whatever way', async () => {
    const statuses = []
    for (let i = 0; i < 4; i++) statuses.push((await ask('/forgot-password', { name: 'anna' })).status)
    const client = new ShopClient(shop.baseUrl)
    statuses.push((await client.post('/api/password-reset', { email: 'anna' })).status)
    const refused = await ask('/forgot-password', { name: 'ANNA' })
    expect([...statuses, refused.status]).toEqual([200, 200, 200, 200, 200, 429])
    expect([headingOf(refused), Number(refused.headers['retry-after']) > 3_000]).toEqual(['Too many tries', true])
    expect(refused.text).toMatch(/Try again in (59|60) minutes\./)
  })

  test('a password is guessed ten times from one address, and then even the right one is refused', async () => {
    const client = new ShopClient(shop.baseUrl)
    const person = await signUp(client, 'guessed')
    await client.put(`/api/profile/${person.uuid}`, { username: 'guessed', email: 'guessed@new.example' })
    const { token } = await lastMailTo(shop, 'guessed@new.example', 'verify-email')
    const statuses = []
    for (let i = 0; i < 10; i++) statuses.push((await ask('/verify-email', { token, password: `guess-${i}` })).status)
    expect(statuses).toEqual(Array(10).fill(400))
    expect((await ask('/verify-email', { token, password: person.password })).status).toBe(429)
  })
})
