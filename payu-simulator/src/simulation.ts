import type { Clock } from './clock.ts'
import type { Faults } from './faults/faults.ts'
import type { Ledger } from './orders/ledger.ts'
import type { PointOfSale } from './points-of-sale.ts'

/** What every part of the simulator works with. */
export interface Simulation {
  readonly clock: Clock
  readonly ledger: Ledger
  readonly faults: Faults
  readonly pointsOfSale: readonly PointOfSale[]
  /** The one with this id; every order has one. */
  pointOfSale(posId: string): PointOfSale
  /** Where a browser reaches the simulator, without a slash at the end. */
  publicUrl(): string
  /** From 0 to 1, as Math.random. */
  readonly random: () => number
  /** How long the bank takes to decide what the shop started without the page. */
  readonly decisionSeconds: number
  /** How long a refund takes. */
  readonly refundSeconds: number
  /** Tells whoever listens what happens; no secret is in it. */
  readonly say: (text: string, orderId?: string) => void
}
