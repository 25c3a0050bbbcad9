import { afterAll, describe, expect, test } from 'vitest'
import { rowsOf } from '../support/books.ts'
import { REFUSALS, refusalIn } from '../support/refusal-shape.ts'
import { startShopServer } from '../support/shop-server.ts'
import { digestOf } from '../support/shop-world.ts'
import { type Door, doorsOf, newPerson, OWN_WAY, tokenFor, WAYS } from './doors.ts'

// Fields that nobody offered: columns, their names in TypeScript, and those of a Django shop's users.

const server = await startShopServer()
const doors = doorsOf(server)
const victim = await newPerson(server, 'victim')
afterAll(() => server.stop())

const OTHERS_ID = (await customer('victim')).id
const PAST = '2001-01-01T00:00:00.000Z'
const HASH = 'pbkdf2_sha256$1$salt$MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE='
const FORBIDDEN: Readonly<Record<string, unknown>> = {
  id: OTHERS_ID,
  pk: OTHERS_ID,
  uuid: OTHERS_ID,
  user_id: OTHERS_ID,
  customer: OTHERS_ID,
  customer_id: OTHERS_ID,
  customerId: OTHERS_ID,
  customer_uuid: OTHERS_ID,
  password_hash: HASH,
  passwordHash: HASH,
  hash: HASH,
  username_key: 'admin',
  usernameKey: 'admin',
  email_key: 'admin@example.com',
  emailKey: 'admin@example.com',
  is_staff: true,
  is_superuser: true,
  is_active: false,
  isAdmin: true,
  role: 'admin',
  groups: ['staff'],
  user_permissions: ['*'],
  joined_at: PAST,
  joinedAt: PAST,
  date_joined: PAST,
  last_login: PAST,
  email_verified_at: PAST,
  emailVerifiedAt: PAST,
  email_verified: true,
  recovery_email: 'admin@example.com',
  recovery_email_key: 'admin@example.com',
  avatar_url: 'https://evil.example/a.webp',
  kind: 'jwt',
  live_until: '2999-01-01T00:00:00.000Z',
  expires_at: '2999-01-01T00:00:00.000Z',
  exp: 32_503_680_000,
  expiresIn: '100y',
  token: 'chosen-by-somebody-else',
  sessionid: 'chosen-by-somebody-else',
  jti: OTHERS_ID,
}
/** What one contract offers is nothing another one takes. */
const ELSEWHERE: Readonly<Record<Door['contract'], object>> = {
  shop: { avatar: 'avatars/00000000000000000000000000000000.webp', patronymic: 'M', address: 'M', first_join: PAST },
  whoami: { avatar: 'avatars/00000000000000000000000000000000.webp', patronymic: 'M', city: 'M', phone: 'M' },
  accounts: { phone: 'M', city: 'M', address: 'M', telephone_number: 'M', first_join: PAST },
}

/** All that is stored of a customer. */
async function customer(username: string): Promise<Record<string, unknown>> {
  const text = 'select to_jsonb(c) as row from customers c where username = $1'
  return (await rowsOf<{ row: Record<string, unknown> }>(server.db, text, [username]))[0]?.row ?? {}
}

async function session(username: string): Promise<Record<string, unknown> | undefined> {
  const text = `select s.id, s.kind, encode(s.token_hash, 'hex') as hash, extract(year from s.expires_at)::integer as year
                  from sessions s join customers c on c.id = s.customer_id where c.username = $1 order by s.id desc limit 1`
  return (await rowsOf(server.db, text, [username]))[0]
}

let made = 0
describe.each(Object.values(doors))('$contract', (door) => {
  const extra = { ...FORBIDDEN, ...ELSEWHERE[door.contract] }

  test.each([doors.shop, doors.accounts])(
    'a registration through $contract takes what is offered, and the sign-in here takes the name and the password',
    async (registrar) => {
      const newcomer = { username: `eve-${++made}`, email: `eve-${made}@example.com`, password: 'eve-likes-tents' }
      const answer = await registrar.register({ ...extra, ...ELSEWHERE[registrar.contract], ...newcomer })
      expect(answer.status).toBeLessThan(300)
      const row = await customer(newcomer.username)
      expect(row).toEqual({
        ...row,
        username: newcomer.username,
        username_key: newcomer.username,
        email: newcomer.email,
        email_key: newcomer.email,
        first_name: '',
        last_name: '',
        patronymic: '',
        phone: '',
        city: '',
        address: '',
        avatar: '',
        email_verified_at: null,
        recovery_email: null,
        recovery_email_key: null,
      })
      expect(row.id).not.toBe(OTHERS_ID)
      expect(String(row.password_hash)).toMatch(/^argon2\$argon2id\$/)
      expect(Date.now() - Date.parse(String(row.joined_at))).toBeLessThan(600_000)
      expect(door.tokenIn(await door.signIn(newcomer.username, newcomer.password))).toBeTypeOf('string')
    },
  )

  test('a change of the profile changes what it may, or nothing at all', async () => {
    const { username } = await newPerson(server, `adam-${++made}`)
    const shown = WAYS[OWN_WAY[door.contract]](
      await tokenFor(door, { ...victim, username, password: `${username}-likes-tents` }),
    )
    let stored = await customer(username)
    const rest = await digestOf(server)
    const headers = { ...shown, ...(await door.csrfFor(shown)) }
    for (const [name, value] of Object.entries(extra)) {
      const answer = await door.change(headers, `With ${name}`, { [name]: value })
      if (door.contract === 'accounts') {
        expect([name, answer.status, answer.body]).toEqual([name, 400, { detail: 'Invalid signature.' }])
      } else if (door.contract === 'whoami' && name === 'first_join') {
        expect([answer.status, answer.body.status]).toEqual([400, 206])
      } else {
        expect([name, answer.status]).toEqual([name, 200])
        stored = { ...stored, last_name: `With ${name}` }
      }
      expect([name, await customer(username)]).toEqual([name, stored])
    }
    const { customers: _, ...others } = await digestOf(server)
    const { customers: __, ...othersBefore } = rest
    expect(others).toEqual(othersBefore)
    expect(await customer('victim')).toMatchObject({ id: OTHERS_ID, last_name: '' })
  })

  test('a change of the password changes it, and nothing else', async () => {
    if (!door.changePassword) return
    const person = await newPerson(server, `noah-${++made}`)
    const shown = WAYS[OWN_WAY[door.contract]](await tokenFor(door, person))
    const { password_hash: old, ...before } = await customer(person.username)
    const headers = { ...shown, ...(await door.csrfFor(shown)) }
    const answer = await door.changePassword(headers, { ...extra, ...person }, person.password, 'only-dark-side')
    expect(answer.status).toBe(200)
    const { password_hash: renewed, ...after } = await customer(person.username)
    expect(after).toEqual(before)
    expect([renewed === old, renewed === HASH]).toEqual([false, false])
  })
})

test('nobody chooses their own session: what is said of it at the sign-in is nothing', async () => {
  const { baseUrl } = server
  const calls = {
    '/api/login': { username: victim.username },
    '/obtain_token/': { login: victim.username },
  }
  for (const [path, name] of Object.entries(calls)) {
    const before = await session('victim')
    const response = await fetch(baseUrl + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...FORBIDDEN, ...name, password: victim.password }),
    })
    expect(response.status).toBe(200)
    const opened = await session('victim')
    expect(opened).toMatchObject({ kind: path === '/api/login' ? 'cookie' : 'jwt' })
    expect([opened?.id === before?.id, opened?.id === OTHERS_ID, Number(opened?.year) < 2_900]).toEqual([
      false,
      false,
      true,
    ])
  }
  const planted = await doors.shop.readProfile({ sessionid: 'chosen-by-somebody-else' })
  expect(refusalIn(planted)).toEqual(REFUSALS.shop.notSignedIn)
})
