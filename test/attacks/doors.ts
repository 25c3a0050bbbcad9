import { makeCsrfTokens } from '../../server/src/contracts/http/session-csrf.ts'
import type { Contract } from '../support/refusal-shape.ts'
import { type Answer, send } from '../support/shop-client.ts'
import type { ShopServer } from '../support/shop-server.ts'

export type Headers = Readonly<Record<string, string | undefined>>

/** What somebody who registers says of themselves. */
export interface Newcomer {
  readonly username: string
  readonly email: string
  readonly password: string
}

/** The parts of a profile that every contract knows. */
export interface SharedProfile {
  readonly username: string
  readonly email: string
  readonly first_name: string
  readonly last_name: string
}

/** One contract, as an attacker sees it: the same things can be asked of every one of them. */
export interface Door {
  readonly contract: Contract
  register(newcomer: Newcomer, headers?: Headers): Promise<Answer>
  /** With all that an honest client sends along; `headers` come on top. */
  signIn(name: string, password: string, headers?: Headers): Promise<Answer>
  /** The session's token in the answer to a sign-in. */
  tokenIn(answer: Answer): string | undefined
  readProfile(headers: Headers): Promise<Answer>
  /** What of a profile's answer is shared by all. */
  profileIn(answer: Answer): SharedProfile
  /** Changes the last name, and whatever `more` says: with these headers and nothing else. */
  change(headers: Headers, lastName: string, more?: object): Promise<Answer>
  /** The CSRF token of an honest client that shows itself by these headers, as a header. */
  csrfFor(headers: Headers): Promise<Headers>
  /** Undefined where the contract has no such call. */
  readonly changePassword?: (headers: Headers, who: Newcomer, oldPassword: string, password: string) => Promise<Answer>
  readonly signOut?: (headers: Headers) => Promise<Answer>
}

/** How a token may come along. */
export const WAYS = {
  'the cookie sessionid': (token: string): Headers => ({ cookie: `sessionid=${token}` }),
  'the header SESSIONID': (token: string): Headers => ({ sessionid: token }),
  'X-Access-Token': (token: string): Headers => ({ 'x-access-token': token }),
  'Authorization: Bearer': (token: string): Headers => ({ authorization: `Bearer ${token}` }),
  'Authorization: JWT': (token: string): Headers => ({ authorization: `JWT ${token}` }),
} as const
export type Way = keyof typeof WAYS
export const WAY_NAMES = Object.keys(WAYS) as Way[]

/** How each contract's own clients show what they were given. */
export const OWN_WAY = {
  shop: 'the cookie sessionid',
  whoami: 'X-Access-Token',
  accounts: 'Authorization: JWT',
} as const satisfies Record<Contract, Way>

export const CONTRACTS: readonly Contract[] = ['shop', 'whoami', 'accounts']

/** All three, before one server. */
export function doorsOf(server: ShopServer): Readonly<Record<Contract, Door>> {
  return { shop: shopDoor(server), whoami: whoamiDoor(server), accounts: accountsDoor(server) }
}

/** One exchange in JSON, with these headers alone. */
export function ask({ baseUrl }: ShopServer, method: string, path: string, json: unknown, headers: Headers = {}) {
  if (json === undefined) return send(baseUrl, method, path, undefined, headers)
  return send(baseUrl, method, path, JSON.stringify(json), { 'content-type': 'application/json', ...headers })
}

/** The token that shop and accounts want of a session; whoever has its cookie csrftoken has this. */
export function sessionCsrf({ config }: ShopServer, headers: Headers): Headers {
  const token = headers.sessionid ?? /sessionid=([^;]+)/.exec(headers.cookie ?? '')?.[1]
  return token ? { 'x-csrftoken': makeCsrfTokens(config.secretKeys).of(token) } : {}
}

function shopDoor(server: ShopServer): Door {
  const uuidOf = async (headers: Headers) =>
    (await ask(server, 'GET', '/api/profile', undefined, headers)).body?.results?.[0] ?? {}
  return {
    contract: 'shop',
    register: (newcomer, headers) => ask(server, 'POST', '/api/register', newcomer, headers),
    signIn: (username, password, headers) => ask(server, 'POST', '/api/login', { username, password }, headers),
    tokenIn: (answer) => cookieIn(answer, 'sessionid'),
    readProfile: (headers) => ask(server, 'GET', '/api/profile', undefined, headers),
    profileIn: ({ body }) => sharedOf(body.results[0]),
    async change(headers, lastName, more) {
      const { uuid = '8b2de2bf-b04a-4674-bf92-f0e4c727720b', username, email } = await uuidOf(headers)
      const required = { username: username ?? 'nobody', email: email ?? 'nobody@example.com' }
      const body = { ...required, last_name: lastName, ...more }
      return ask(server, 'PUT', `/api/profile/${uuid}`, body, headers)
    },
    csrfFor: async (headers) => sessionCsrf(server, headers),
    async changePassword(headers, { username }, oldPassword, password) {
      const { uuid } = await uuidOf(headers)
      const body = { username, old_password: oldPassword, password }
      return ask(server, 'PUT', `/api/profile/${uuid}/setpassword`, body, headers)
    },
    signOut: (headers) => ask(server, 'GET', '/api/logout', undefined, headers),
  }
}

function whoamiDoor(server: ShopServer): Door {
  const ticketFor = async (headers: Headers) => ask(server, 'GET', '/api/v1/csrf', undefined, headers)
  return {
    contract: 'whoami',
    // It has no registration of its own: its customers come through the others.
    register: (newcomer, headers) => ask(server, 'POST', '/create_user/', newcomer, headers),
    async signIn(username, password, headers = {}) {
      const shown = { ...headers, origin: undefined, 'sec-fetch-site': undefined }
      const ticket = await ticketFor(shown)
      const anonymous = cookieIn(ticket, 'anonymousid')
      const cookie = anonymous ? `anonymousid=${anonymous}` : headers.cookie
      const body = { username, password }
      return ask(server, 'POST', '/api/v1/auth/login', body, { 'x-csrf-token': ticket.body.token, ...headers, cookie })
    },
    tokenIn: ({ body }) => body.token,
    readProfile: (headers) => ask(server, 'GET', '/api/v1/whoami', undefined, headers),
    profileIn: ({ body }) => sharedOf(body),
    change: (headers, lastName, more) =>
      ask(server, 'PATCH', '/api/v1/whoami', { last_name: lastName, ...more }, headers),
    csrfFor: async (headers) => ({ 'x-csrf-token': (await ticketFor(headers)).body.token }),
    changePassword: (headers, _who, oldPassword, password) =>
      ask(
        server,
        'POST',
        '/api/v1/whoami/change-password',
        { password: oldPassword, new_password: password, new_password_again: password },
        headers,
      ),
    signOut: (headers) => ask(server, 'GET', '/api/v1/auth/revoke', undefined, headers),
  }
}

function accountsDoor(server: ShopServer): Door {
  return {
    contract: 'accounts',
    register: (newcomer, headers) => ask(server, 'POST', '/create_user/', newcomer, headers),
    signIn: (login, password, headers) => ask(server, 'POST', '/obtain_token/', { login, password }, headers),
    tokenIn: ({ body }) => body.token,
    readProfile: (headers) => ask(server, 'GET', '/get_profile/', undefined, headers),
    profileIn: ({ body }) => sharedOf(body),
    change: (headers, lastName, more) =>
      ask(server, 'PUT', '/update_profile/', { last_name: lastName, ...more }, headers),
    csrfFor: async (headers) => sessionCsrf(server, headers),
  }
}

function sharedOf({ username, email, first_name, last_name }: Partial<SharedProfile>): SharedProfile {
  return { username: username ?? '', email: email ?? '', first_name: first_name ?? '', last_name: last_name ?? '' }
}

/** The value of a cookie that an answer sets. */
export function cookieIn({ headers }: Answer, name: string): string | undefined {
  const line = headers['set-cookie']?.find((each) => each.startsWith(`${name}=`))
  return line?.slice(name.length + 1).split(';', 1)[0] || undefined
}

/** Somebody with a story of their own in each test: registered in the shop, with both names. */
export async function newPerson(server: ShopServer, name: string): Promise<Newcomer> {
  const person = { username: name, email: `${name}@example.com`, password: `${name}-likes-tents` }
  const { status, text } = await ask(server, 'POST', '/api/register', { ...person, first_name: name })
  if (status !== 200) throw new Error(`${name} could not register: ${status} ${text}`)
  return person
}

/** A token of this contract for this customer. */
export async function tokenFor(door: Door, { username, password }: Newcomer): Promise<string> {
  const answer = await door.signIn(username, password)
  const token = door.tokenIn(answer)
  if (!token) throw new Error(`${username} could not sign in: ${answer.status} ${answer.text}`)
  return token
}
