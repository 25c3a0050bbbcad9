import type { REFUND_ERRORS } from '../api/refund-errors.ts'
import type { SignatureAlgorithm } from '../notifications/signature.ts'
import type { RefundFailure } from '../orders/refund.ts'

/** The calls a shop makes, as faults name them. */
export const CALLS = [
  'oauth',
  'create',
  'retrieve',
  'transactions',
  'capture',
  'cancel',
  'refund',
  'refunds',
  'paymethods',
  'shops',
  'tokens',
] as const
export type Call = (typeof CALLS)[number]

/** How long it is on. */
interface Lasting {
  /** For so many calls or notifications that match; undefined: until it is removed. */
  readonly times?: number
}

/** What goes wrong with a call of the shop's. `after`: the work was done, and only its answer is lost. */
export type CallFault = Lasting & { readonly on: Call | 'any' } & (
    | { readonly kind: 'error'; readonly when: 'before' | 'after'; readonly httpStatus: number }
    | { readonly kind: 'cut'; readonly when: 'before' | 'after' }
    | { readonly kind: 'slow'; readonly seconds: number }
  )

/** What goes wrong with a notification; `about` and `status` say with which, undefined: any. */
export type NotificationFault = Lasting & { readonly about?: 'order' | 'refund'; readonly status?: string } & (
    | { readonly kind: 'duplicate'; readonly copies: number }
    | { readonly kind: 'parallel' | 'reorder' | 'silence' | 'wrong-amount' | 'bad-signature' | 'stray-canceled' }
    | { readonly kind: 'delay'; readonly seconds: number }
    | { readonly kind: 'algorithm'; readonly algorithm: SignatureAlgorithm }
  )

/** What goes wrong with a refund: refused at once, or accepted and failed later. */
export type RefundFault = Lasting &
  (
    | { readonly kind: 'refuse-refund'; readonly literal: keyof typeof REFUND_ERRORS }
    | { readonly kind: 'fail-refund'; readonly failure: RefundFailure }
  )

export type Fault = CallFault | NotificationFault | RefundFault
export type FaultKind = Fault['kind']

/** A fault as it is switched on: what is left out has a default, but `seconds` and `algorithm`. */
export type FaultOptions<F extends Fault = Fault> = F extends Fault ? Pick<F, 'kind'> & Partial<Omit<F, 'kind'>> : never
