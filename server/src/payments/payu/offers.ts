import type { Offer } from '../gateway.ts'
import type { PayMethod } from './shapes.ts'

/** How long PayU's list is good; its own plugins keep it as long. */
const FRESH_MS = 60_000
/** After a failure the list is left alone this long, so that not every visitor waits for a PayU that is down. */
const PATIENCE_MS = 10_000

export interface OffersOptions {
  /** Whether this POS takes BLIK codes typed in the shop. */
  readonly blikCode: boolean
  readonly listPayMethods: () => Promise<PayMethod[]>
  readonly onFailure: (error: unknown) => void
  readonly now: () => number
}

/**
 * What PayU takes at present, asked at most once a minute however many want to know. While it cannot be asked, what was
 * known last holds; while nothing was ever known, what the settings promise.
 */
export function makeOffers({
  blikCode,
  listPayMethods,
  onFailure,
  now,
}: OffersOptions): () => Promise<readonly Offer[]> {
  let known: readonly Offer[] = [{ method: 'card' }, payuOffer(blikCode)]
  let goodUntil = Number.NEGATIVE_INFINITY
  let underWay: Promise<void> | undefined

  async function ask(): Promise<void> {
    try {
      known = offersOf(await listPayMethods(), blikCode)
      goodUntil = now() + FRESH_MS
    } catch (error) {
      goodUntil = now() + PATIENCE_MS
      onFailure(error)
    }
  }

  return async () => {
    if (now() >= goodUntil) {
      underWay ??= ask().finally(() => {
        underWay = undefined
      })
      await underWay
    }
    return known
  }
}

/** From PayU's list of pay-by-links, which names each method of this POS and whether it works. */
export function offersOf(methods: readonly PayMethod[], blikCode: boolean): readonly Offer[] {
  const enabled = new Set(methods.filter(({ isEnabled }) => isEnabled).map(({ value }) => value))
  return [
    ...(enabled.has('c') ? [{ method: 'card' } as const] : []),
    ...(enabled.size > 0 ? [payuOffer(blikCode && enabled.has('blik'))] : []),
  ]
}

function payuOffer(takesBlikCode: boolean): Offer {
  return { method: 'payu', takesBlikCode }
}
