import type { Gateways, PaymentGateway } from '../../server/src/payments/index.ts'
import type { Database, Tx } from '../../server/src/store/database.ts'

/** Where a process dies: at its n-th word with the database or a gateway, before it is said or after it was heard. */
export interface CrashPoint {
  /** From 1. */
  readonly at: number
  readonly when: 'before' | 'after'
}

/** The process is gone: whoever runs into it does nothing more, and nobody is told. */
export class Crash extends Error {
  override readonly name = 'Crash'
}

/** A database and gateways as a process sees them that dies at a point. What others do is not touched. */
export function dying(
  db: Database,
  gateways: Gateways,
  point: CrashPoint | undefined,
): { db: Database; gateways: Gateways; isDead(): boolean } {
  let words = 0
  let isDead = false
  /** Every word passes here: once dead, always dead. */
  async function word<T>(say: () => Promise<T>): Promise<T> {
    if (isDead) throw new Crash()
    words++
    if (point && words === point.at && point.when === 'before') isDead = true
    if (isDead) throw new Crash()
    const heard = await say()
    if (point && words >= point.at) isDead = true
    if (isDead) throw new Crash()
    return heard
  }
  if (!point) return { db, gateways, isDead: () => false }
  const mortal: Database = {
    query: (config) => word(() => db.query(config)),
    // The commit is a word of its own: who dies after it has committed.
    transaction: (work) =>
      word(() => db.transaction((tx) => work({ query: (config) => word(() => tx.query(config)) } as Tx))),
    withConnection: (work) => word(() => db.withConnection(work)),
    close: () => db.close(),
  }
  const copies = new Map<PaymentGateway, PaymentGateway>()
  for (const gateway of gateways.values()) copies.set(gateway, copies.get(gateway) ?? mortalGateway(gateway, word))
  return {
    db: mortal,
    gateways: new Map([...gateways].map(([method, gateway]) => [method, copies.get(gateway) as PaymentGateway])),
    isDead: () => isDead,
  }
}

function mortalGateway(gateway: PaymentGateway, word: <T>(say: () => Promise<T>) => Promise<T>): PaymentGateway {
  return {
    ...gateway,
    offers: () => gateway.offers(),
    start: (charge) => word(() => gateway.start(charge)),
    retrieve: (attempt) => word(() => gateway.retrieve(attempt)),
    capture: (attempt) => word(() => gateway.capture(attempt)),
    cancel: (attempt) => word(() => gateway.cancel(attempt)),
    refund: (refund, attempt) => word(() => gateway.refund(refund, attempt)),
    retrieveRefund: (refund, attempt) => word(() => gateway.retrieveRefund(refund, attempt)),
  }
}
