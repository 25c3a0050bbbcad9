import { afterAll, describe, expect, test } from 'vitest'
import { deriveKeys } from '../../server/src/kernel/signing.ts'
import { REFUSALS, type Refusal, refusalIn } from '../support/refusal-shape.ts'
import { startBeside, startShopServer } from '../support/shop-server.ts'
import {
  ask,
  CONTRACTS,
  type Door,
  doorsOf,
  type Headers,
  type Newcomer,
  newPerson,
  OWN_WAY,
  tokenFor,
  WAY_NAMES,
  WAYS,
  type Way,
} from './doors.ts'

// Every credential opens every contract, and none does once it is over.

const server = await startShopServer()
const doors = doorsOf(server)
afterAll(() => server.stop())

let made = 0
const somebody = () => newPerson(server, `anna-${++made}`)

/** `Authorization: JWT` says that a JWT comes, and other tokens are none. */
const isTakenAtItsWord = (way: Way, issuer: Door) => way !== 'Authorization: JWT' || issuer.contract === 'accounts'

const TABLE = CONTRACTS.flatMap((issuer) =>
  CONTRACTS.flatMap((asked) => WAY_NAMES.map((way) => [doors[issuer], way, doors[asked]] as const)),
).map(
  ([issuer, way, asked]) =>
    [`${issuer.contract}’s token in ${way}, shown to ${asked.contract}`, { issuer, way, asked }] as const,
)

const anna = await somebody()
const tokens = {
  shop: await tokenFor(doors.shop, anna),
  whoami: await tokenFor(doors.whoami, anna),
  accounts: await tokenFor(doors.accounts, anna),
}

test('five ways, three that issue, three that are asked', () => {
  expect(TABLE).toHaveLength(45)
})

test.each(TABLE)('%s', async (name, { issuer, way, asked }) => {
  const shown = WAYS[way](tokens[issuer.contract])
  const profile = await asked.readProfile(shown)
  if (!isTakenAtItsWord(way, issuer)) {
    expect(refusalIn(profile)).toEqual(REFUSALS[asked.contract].badJwt)
    return
  }
  expect(asked.profileIn(profile)).toMatchObject({ username: anna.username, email: anna.email })
  const changed = await asked.change({ ...shown, ...(await asked.csrfFor(shown)) }, name)
  expect([changed.status, changed.body.last_name]).toEqual([200, name])
})

/** Shown to every contract in every way it could be, the token opens nothing and changes nothing. */
async function expectRefused(
  tokens: Readonly<Record<string, string>>,
  expected: (asked: Door, way: Way, name: string) => Refusal,
): Promise<void> {
  for (const [name, token] of Object.entries(tokens)) {
    for (const asked of Object.values(doors)) {
      for (const way of WAY_NAMES) {
        const shown = WAYS[way](token)
        const answers = [
          await asked.readProfile(shown),
          await asked.change({ ...shown, ...(await asked.csrfFor(shown)) }, 'Mallory'),
        ]
        const refusal = expected(asked, way, name)
        const about = [name, way, asked.contract] as const
        expect([about, ...answers.map(refusalIn)]).toEqual([about, refusal, refusal])
      }
    }
  }
}

/** Tokens that are looked up are no JWTs, whoever says so. */
const notSignedIn = (asked: Door, way: Way, name: string) =>
  REFUSALS[asked.contract][way === 'Authorization: JWT' && name !== 'accounts' ? 'badJwt' : 'notSignedIn']

async function tokensOf(who: Newcomer): Promise<Record<string, string>> {
  return {
    shop: await tokenFor(doors.shop, who),
    whoami: await tokenFor(doors.whoami, who),
    accounts: await tokenFor(doors.accounts, who),
  }
}

async function expectAlive(tokens: Readonly<Record<string, string>>): Promise<void> {
  for (const contract of CONTRACTS) {
    const answer = await doors[contract].readProfile(WAYS[OWN_WAY[contract]](tokens[contract] ?? ''))
    expect([contract, answer.status]).toEqual([contract, 200])
  }
}

describe('over is over, in every contract and way', () => {
  const ends = {
    'signed out of the shop': (shown: Headers) => doors.shop.signOut?.(shown),
    'revoked in whoami': (shown: Headers) => doors.whoami.signOut?.(shown),
  }
  test.each(Object.entries(ends))('%s, however it was shown there', async (_, end) => {
    const who = await somebody()
    const kept = await tokensOf(who)
    for (const [i, way] of WAY_NAMES.entries()) {
      const issuer = CONTRACTS[way === 'Authorization: JWT' ? 2 : i % 3] ?? 'shop'
      const token = await tokenFor(doors[issuer], who)
      expect((await end(WAYS[way](token)))?.status).toBe(200)
      await expectRefused({ [issuer]: token }, notSignedIn)
    }
    await expectAlive(kept)
  })

  test('ended from the list of sessions', async () => {
    const who = await somebody()
    const mine = { authorization: `Bearer ${await tokenFor(doors.whoami, who)}` }
    const { shop = '', whoami = '', accounts = '' } = await tokensOf(who)
    const { results } = (await ask(server, 'GET', '/api/sessions', undefined, mine)).body
    const last = results.filter((it: { kind: string; current: boolean }) => it.kind === 'jwt')
    expect((await ask(server, 'DELETE', `/api/sessions/${last[0].session_uuid}`, undefined, mine)).status).toBe(200)
    await expectRefused({ accounts }, notSignedIn)
    await ask(server, 'DELETE', '/api/sessions', undefined, mine)
    await expectRefused({ shop, whoami }, notSignedIn)
    expect((await doors.shop.readProfile(mine)).status).toBe(200)
  })

  test('idle for too long, each kind for its own time', async () => {
    const who = await somebody()
    const tokens = await tokensOf(who)
    const { rows } = await server.db.query<{ kind: string; days: number }>({
      text: `select s.kind, round(extract(epoch from s.live_until - now()) / 86400)::integer as days
               from sessions s join customers c on c.id = s.customer_id where c.username = $1 order by 1`,
      values: [who.username],
    })
    expect(rows).toEqual([
      { kind: 'access', days: 1 },
      { kind: 'cookie', days: 14 },
      { kind: 'jwt', days: 7 },
    ])
    await expectAlive(tokens)
    await server.db.query({
      text: `update sessions s set live_until = now() - interval '1 second'
               from customers c where c.id = s.customer_id and c.username = $1`,
      values: [who.username],
    })
    await expectRefused(tokens, notSignedIn)
  })

  test.each([doors.shop, doors.whoami])('after a change of password in $contract', async (door) => {
    const who = await somebody()
    const here = WAYS[OWN_WAY[door.contract]](await tokenFor(door, who))
    const others = await tokensOf(who)
    const renewed = 'only-dark-side'
    const changed = await door.changePassword?.({ ...here, ...(await door.csrfFor(here)) }, who, who.password, renewed)
    expect(changed?.status).toBe(200)
    await expectRefused(others, notSignedIn)
    for (const each of Object.values(doors)) {
      const old = await each.signIn(who.username, who.password)
      expect(refusalIn(old)).toEqual(REFUSALS[each.contract].wrongPassword)
      expect((await each.signIn(who.username, renewed)).status).toBe(200)
    }
  })
})

const [key = ''] = server.config.secretKeys
const encoder = new TextEncoder()
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const HEADER = { typ: 'JWT', alg: 'HS256' }

const [right] = deriveKeys(server.config.secretKeys, 'tradepost jwt')

/** Signed by hand: the library under the product would not make most of these. */
async function jwt(header: object, claims: object, signingKey: string | Buffer, hash = 'SHA-256'): Promise<string> {
  const signed = `${part(header)}.${part(claims)}`
  const algorithm = { name: 'HMAC', hash }
  const secret = await crypto.subtle.importKey('raw', new Uint8Array(Buffer.from(signingKey)), algorithm, false, [
    'sign',
  ])
  const signature = await crypto.subtle.sign('HMAC', secret, encoder.encode(signed))
  return `${signed}.${Buffer.from(signature).toString('base64url')}`
}

describe('JWTs that are not ours', async () => {
  const good = tokens.accounts
  const [head = '', payload = '', signature = ''] = good.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const { rows: sessions } = await server.db.query<{ id: string; kind: string; hash: string }>({
    text: `select s.id, s.kind, encode(s.token_hash, 'hex') as hash from sessions s
             join customers c on c.id = s.customer_id where c.username = $1`,
    values: [anna.username],
  })
  const idOf = (kind: string) => sessions.find((session) => session.kind === kind)?.id
  const berta = await somebody()

  const none = (header: object) => `${part(header)}.${payload}.`
  const FORGED: Readonly<Record<string, string | Promise<string>>> = {
    'no algorithm': none({ typ: 'JWT', alg: 'none' }),
    'no algorithm, in capitals': none({ typ: 'JWT', alg: 'NONE' }),
    'no algorithm, and the signature of another': `${none({ alg: 'none' })}${signature}`,
    'no algorithm named at all': none({ typ: 'JWT' }),
    'no signature': `${head}.${payload}.`,
    'half a signature': `${head}.${payload}.${signature.slice(0, 20)}`,
    'a signature of zeros': `${head}.${payload}.${'A'.repeat(43)}`,
    'another key': jwt(HEADER, claims, 'a-key-of-somebody-else-who-tries-this'),
    'an empty algorithm and another key': jwt({ alg: '' }, claims, 'a-key-of-somebody-else-who-tries-this'),
    'a key it brings along': jwt(
      { ...HEADER, jwk: { kty: 'oct', k: Buffer.from('mine').toString('base64url') } },
      claims,
      'mine',
    ),
    'a file for a key': jwt({ ...HEADER, kid: '../../../../dev/null' }, claims, '\0'),
    'HS384 with the right key': jwt({ typ: 'JWT', alg: 'HS384' }, claims, right, 'SHA-384'),
    'HS512 with the right key': jwt({ typ: 'JWT', alg: 'HS512' }, claims, right, 'SHA-512'),
    'the right key with a byte behind it': jwt(HEADER, claims, Buffer.concat([right, Buffer.from(' ')])),
    'SECRET_KEY itself, which signs nothing by itself': jwt(HEADER, claims, key),
    'a key for another purpose': jwt(HEADER, claims, deriveKeys([key], 'tradepost shop csrf token')[0]),
    'somebody else’s claims under a good signature': `${head}.${part({ ...claims, username: berta.username })}.${signature}`,
    'a longer life under a good signature': `${head}.${part({ ...claims, exp: claims.exp + 1 })}.${signature}`,
    'another header under a good signature': `${part({ ...HEADER, x: 1 })}.${payload}.${signature}`,
    'no end': jwt(HEADER, { ...claims, exp: undefined }, right),
    'no session': jwt(HEADER, { ...claims, jti: undefined }, right),
    'a session that is no id': jwt(HEADER, { ...claims, jti: "' or 1=1 --" }, right),
    'parts that are no JSON': 'aaaa.bbbb.cccc',
    'four parts': `${good}.${signature}`,
  }

  test.each(Object.entries(FORGED))('%s', async (_, forged) => {
    const token = await forged
    const isReadAsJwt = token.split('.').length === 3 && !token.endsWith('.')
    await expectRefused({ forged: token }, (asked, way) =>
      isReadAsJwt || way === 'Authorization: JWT'
        ? REFUSALS[asked.contract].badJwt
        : REFUSALS[asked.contract].notSignedIn,
    )
  })

  // With our own key, as nobody outside could: what such a signature vouches for still has to be a JWT's live session.
  test.each([
    ['the session of a cookie', idOf('cookie')],
    ['the session of an access token', idOf('access')],
    ['a session that never was', '8b2de2bf-b04a-4674-bf92-f0e4c727720b'],
    ['the id of a customer', claims.user_id],
  ])('a good signature over %s', async (_, jti) => {
    expect(jti).toMatch(/^[0-9a-f-]{36}$/)
    const token = await jwt(HEADER, { ...claims, jti }, right)
    await expectRefused({ accounts: token }, notSignedIn)
  })

  test('what a JWT claims of its bearer opens nothing: its session says who it is', async () => {
    const { body } = await doors.accounts.readProfile(WAYS['Authorization: JWT'](await tokenFor(doors.accounts, berta)))
    const lying = await jwt(HEADER, { ...claims, user_id: body.uuid, username: berta.username, is_staff: true }, right)
    const profile = await doors.accounts.readProfile(WAYS['Authorization: JWT'](lying))
    expect(profile.body.username).toBe(anna.username)
  })

  test('one that is over by its own word, though its session lives', async () => {
    const now = Math.floor(Date.now() / 1_000)
    for (const exp of [now - 1, now - 86_400, 0, -1]) {
      const token = await jwt(HEADER, { ...claims, exp }, right)
      await expectRefused({ accounts: token }, (asked) => REFUSALS[asked.contract].expiredJwt)
    }
    expect((await doors.accounts.readProfile({ authorization: `JWT ${good}` })).status).toBe(200)
  })

  test('what the database knows of a session is no token', async () => {
    for (const { id, hash } of sessions) {
      const bytes = Buffer.from(hash, 'hex')
      const leaked = { id, hash, hash64: bytes.toString('base64'), hashUrl: bytes.toString('base64url') }
      await expectRefused(leaked, notSignedIn)
    }
  })
})

describe('a change of SECRET_KEY', async () => {
  const NEW = 'another-key-for-tests-and-nothing-else'
  const who = await somebody()
  const old = await tokensOf(who)

  /** The same shop after a restart with other keys. */
  async function withKeys<T>(secretKeys: readonly string[], work: (doors: ReturnType<typeof doorsOf>) => Promise<T>) {
    const rotated = await startBeside(server, { secretKeys })
    try {
      return await work(doorsOf(rotated))
    } finally {
      await rotated.stop()
    }
  }

  test('signs nobody out as long as the old key is listed, and what it signed for forms is good too', async () => {
    const tickets = await Promise.all(
      CONTRACTS.map(async (contract) => {
        const shown = WAYS['the cookie sessionid'](old[contract] ?? '')
        return { ...shown, ...(await doors[contract].csrfFor(shown)) }
      }),
    )
    await withKeys([NEW, key], async (rotated) => {
      for (const [i, contract] of CONTRACTS.entries()) {
        const own = WAYS[OWN_WAY[contract]](old[contract] ?? '')
        expect((await rotated[contract].readProfile(own)).status).toBe(200)
        expect((await rotated[contract].change(tickets[i] ?? {}, `Rotated ${i}`)).status).toBe(200)
      }
    })
  })

  test('ends JWTs and CSRF tokens of a key that is listed no more; sessions that are looked up live on', async () => {
    const forms = WAYS['the cookie sessionid'](old.shop ?? '')
    const csrf = { ...(await doors.shop.csrfFor(forms)), ...(await doors.whoami.csrfFor(forms)) }
    await withKeys([NEW], async (rotated) => {
      const jwts = await rotated.accounts.readProfile({ authorization: `JWT ${old.accounts}` })
      expect(refusalIn(jwts)).toEqual(REFUSALS.accounts.badJwt)
      for (const door of Object.values(rotated)) {
        expect((await door.readProfile(forms)).status).toBe(200)
        const changed = await door.change({ ...forms, ...csrf }, 'Mallory')
        expect(refusalIn(changed)).toEqual(REFUSALS[door.contract].csrfIncorrect)
      }
      const renewed = await tokenFor(rotated.accounts, who)
      expect((await rotated.accounts.readProfile({ authorization: `JWT ${renewed}` })).status).toBe(200)
      expect(refusalIn(await doors.accounts.readProfile({ authorization: `JWT ${renewed}` }))).toEqual(
        REFUSALS.accounts.badJwt,
      )
    })
  })
})
