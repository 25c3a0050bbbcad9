import { randomBytes } from 'node:crypto'
import { parseCookie, stringifySetCookie } from 'cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { deriveKeys, isSame, mac } from '../../kernel/signing.ts'
import { type Credential, credentialOf } from '../http/credentials.ts'
import type { HttpRefusal } from '../http/refusals.ts'

/** How long a CSRF token of this contract is good. */
export const TICKET_SECONDS = 600

/**
 * Makes and checks this contract's CSRF tokens: good for ten minutes and for one holder, a credential or, before the
 * sign-in, an anonymous cookie. When they end is written in them and signed, so there is no table to grow.
 */
export interface CsrfTickets {
  make(holder: string, nowSeconds: number): string
  isGood(ticket: string, holder: string, nowSeconds: number): boolean
}

/** @param secretKeys the first one signs; those behind it are still good */
export function makeCsrfTickets(secretKeys: readonly string[]): CsrfTickets {
  const keys = deriveKeys(secretKeys, 'tradepost whoami csrf token')
  const sign = (key: Buffer, endsAt: string, holder: string) => mac(key, `${endsAt} ${holder}`)
  return {
    make(holder, nowSeconds) {
      const endsAt = String(Math.floor(nowSeconds) + TICKET_SECONDS)
      return `${endsAt}.${sign(keys[0], endsAt, holder)}`
    },
    isGood(ticket, holder, nowSeconds) {
      const [endsAt = '', signature = '', ...more] = ticket.split('.')
      const isSigned = keys.some((key) => isSame(sign(key, endsAt, holder), signature))
      return isSigned && more.length === 0 && Number(endsAt) > nowSeconds
    },
  }
}

/** The anonymous session: a random name for a browser that is not signed in yet. It opens nothing. */
const ANONYMOUS = 'anonymousid'

/** A ticket for whoever asks; who has no credential gets an anonymous cookie to go with it. */
export function giveTicket(
  tickets: CsrfTickets,
  request: FastifyRequest,
  reply: FastifyReply,
  { prefix, isSecure }: { prefix: string; isSecure: boolean },
): string {
  const nowSeconds = Date.now() / 1_000
  const credential = credentialOf(request.headers)
  if (credential) return tickets.make(credentialHolder(credential), nowSeconds)

  // Set again each time: the cookie must live as long as the newest ticket.
  const value = anonymousIn(request) ?? randomBytes(16).toString('base64url')
  const cookie = {
    name: ANONYMOUS,
    value,
    path: prefix,
    maxAge: TICKET_SECONDS,
    httpOnly: true,
    sameSite: 'lax',
  } as const
  reply.header('set-cookie', stringifySetCookie({ ...cookie, secure: isSecure }))
  return tickets.make(anonymousHolder(value), nowSeconds)
}

/** Every unsafe request of this contract needs a ticket of its holder, whatever its credential is. */
export function findTicketForgery(
  tickets: CsrfTickets,
  request: FastifyRequest,
  credential: Credential | undefined,
): HttpRefusal | undefined {
  const given = request.headers['x-csrf-token']
  if (typeof given !== 'string' || given === '') return { code: 'http.csrf-missing' }
  const anonymous = anonymousIn(request)
  const holder = credential ? credentialHolder(credential) : anonymous && anonymousHolder(anonymous)
  return holder && tickets.isGood(given, holder, Date.now() / 1_000) ? undefined : { code: 'http.csrf-incorrect' }
}

const credentialHolder = ({ token }: Credential) => `credential ${token}`
const anonymousHolder = (value: string) => `anonymous ${value}`

/** The anonymous cookie, if it is one that we could have made. */
function anonymousIn({ headers }: FastifyRequest): string | undefined {
  const value = headers.cookie && parseCookie(headers.cookie)[ANONYMOUS]
  return value && /^[\w-]{22}$/.test(value) ? value : undefined
}
