import { lastMailTo } from './mailbox.ts'
import { type Answer, send } from './shop-client.ts'
import type { ServedRoute } from './shop-server.ts'
import { type Customer, goodBody, makeNewcomer, pathOf, type ShopWorld } from './shop-world.ts'

export type Headers = Readonly<Record<string, string | undefined>>

/** What is mailed for the routes that ask for it. */
export const TOKENS: Readonly<Record<string, 'verify-email' | 'reset-password'>> = {
  '/api/email-verification/confirm': 'verify-email',
  '/api/password-reset/confirm': 'reset-password',
  '/verify-email': 'verify-email',
  '/reset-password': 'reset-password',
}
const FORMS: Readonly<Record<string, string>> = {
  '/verify-email': '',
  '/reset-password': 'password=onlydarkside&again=onlydarkside&',
  '/forgot-password': 'name=nobody',
}

/** Sends every route what it serves. */
export function makeAsker({ server, products }: ShopWorld) {
  let made = 0

  /** Every change in whoami's contract wants a CSRF token of whoever makes it, and every sign-in. */
  async function withTicket(route: ServedRoute, credential: Headers): Promise<Headers> {
    if (!route.url.startsWith('/api/v1/') || route.method === 'GET' || 'x-csrf-token' in credential) return credential
    const { headers, body } = await send(server.baseUrl, 'GET', '/api/v1/csrf', undefined, credential)
    const cookie = headers['set-cookie']?.[0]?.split(';', 1)[0]
    return { ...credential, ...(cookie && { cookie }), 'x-csrf-token': body.token }
  }

  /** Each works once, so there is a new one for each request, of somebody who is not needed any more. */
  async function mailedToken(kind: 'verify-email' | 'reset-password', name = `leia-${++made}`): Promise<string> {
    const { client, person } = await makeNewcomer(server, name)
    if (kind === 'reset-password') await client.post('/api/password-reset', { email: person.email })
    return (await lastMailTo(server, person.email, kind)).token
  }

  /** A good request for this customer's things, with whatever credential. */
  async function ask(
    route: ServedRoute,
    customer: Customer,
    shown: Headers,
    good: unknown = goodBody(route, customer, products),
  ): Promise<Answer> {
    const path = pathOf(route, customer.ids)
    const credential = await withTicket(route, shown)
    const name = `leia-${++made}`
    const tokenKind = TOKENS[route.url]
    const form = FORMS[route.url]
    if (form !== undefined) {
      const token = tokenKind ? `token=${await mailedToken(tokenKind, name)}` : ''
      if (route.method === 'GET') return send(server.baseUrl, 'GET', `${path}?${token}`, undefined, credential)
      const headers = { ...credential, 'content-type': 'application/x-www-form-urlencoded' }
      return send(server.baseUrl, route.method, path, form + token, headers)
    }
    // Nobody registers under one name twice.
    const fresh = ['/api/register', '/api/profile/:customer_uuid', '/create_user/'].includes(route.url)
    const body = fresh
      ? { ...(good as object), username: name, email: `${name}@example.com` }
      : tokenKind
        ? { ...(good as object), token: await mailedToken(tokenKind, name) }
        : isRename(route, good)
          ? { ...(good as object), username: name }
          : good
    if (body === undefined) return send(server.baseUrl, route.method, path, undefined, credential)
    const headers = { ...credential, 'content-type': 'application/json' }
    return send(server.baseUrl, route.method, path, JSON.stringify(body), headers)
  }

  return { ask, mailedToken }
}

/** Nobody but whoever has it may take a name. */
function isRename({ method, url }: ServedRoute, good: unknown): boolean {
  return method === 'PATCH' && url === '/api/v1/whoami' && 'username' in (good as object)
}
