import { EVENT_KINDS } from '../events/index.ts'
import type { EndpointId } from '../kernel/ids.ts'
import { isPublicAddress } from '../kernel/ip-address.ts'
import { Refused } from '../kernel/refused.ts'
import { isIpAddress } from './address.ts'
import type { WebhookRefusal } from './refusals.ts'

/** Why an endpoint is switched off: by staff, because it said that it is gone, or because it took nothing for days. */
export type OffReason = 'by-operator' | 'gone' | 'failing'

/** Where events are sent to. Its secrets are shown once, when they are made, and never again. */
export interface Endpoint {
  readonly id: EndpointId
  readonly url: string
  /** `order.paid`, or `order.*`; none: all. */
  readonly kinds: readonly string[]
  /** Null: it is on. */
  readonly off: OffReason | null
  /** Since it last took a delivery; null: it takes them. */
  readonly failingSince: Date | null
  readonly createdAt: Date
}

const KINDS_TO_SUBSCRIBE: readonly string[] = [
  ...EVENT_KINDS,
  ...new Set(EVENT_KINDS.map((kind) => `${kind.split('.', 1)[0]}.*`)),
]

/**
 * The kinds an endpoint asks for, each once.
 *
 * @throws webhooks.unknown-kind
 */
export function decideKinds(asked: readonly string[]): string[] {
  const kinds = [...new Set(asked)]
  const unknown = kinds.find((kind) => !KINDS_TO_SUBSCRIBE.includes(kind))
  if (unknown !== undefined) throw refused({ code: 'webhooks.unknown-kind', kind: unknown, known: KINDS_TO_SUBSCRIBE })
  return kinds
}

const URL_LENGTH_MAX = 2_000

/**
 * The address in its one spelling. What a name leads to is looked at when something is sent there.
 *
 * @param mayBePrivate whether this shop sends to addresses that only its own network has, and then without TLS too
 * @throws webhooks.bad-url
 */
export function decideUrl(text: string, mayBePrivate: boolean): string {
  const no = (problem: string) => refused({ code: 'webhooks.bad-url', problem })
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw no('it is no address, such as https://erp.example/hooks')
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && mayBePrivate))
    throw no('it should start with https://')
  if (url.username || url.password) throw no('a user and a password do not belong into it')
  if (url.href.length > URL_LENGTH_MAX) throw no(`it is longer than ${URL_LENGTH_MAX} characters`)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (!mayBePrivate && isIpAddress(host) && !isPublicAddress(host)) throw no('it is in a private network')
  url.hash = ''
  return url.href
}

export function refused(refusal: WebhookRefusal): Refused<WebhookRefusal> {
  return new Refused<WebhookRefusal>(refusal)
}
