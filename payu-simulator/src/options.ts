import type { PointOfSaleOptions } from './points-of-sale.ts'

export interface SimulatorOptions {
  /** PayU's sandbox shop 300746 when there is none. */
  readonly pointsOfSale?: readonly PointOfSaleOptions[]
  /**
   * How much faster than PayU it waits: 60 makes a minute of the retry ladder a second. Only what the simulator waits
   * for is faster; `validityTime` and the life of access tokens are as long as they say.
   */
  readonly timeScale?: number
  /** Where orders are kept over a restart; in memory only without it. One simulator a file. */
  readonly stateFile?: string
  /**
   * Nothing happens by itself, and time stands still: notifications go out, and banks decide, with `settle`,
   * `deliverNow` or `advance`. For tests, which then mean the same however slow the machine is.
   */
  readonly manual?: boolean
  /** How long a bank takes over a BLIK code, a wallet or a card token; 2. */
  readonly decisionSeconds?: number
  /** How long a refund takes; 5. */
  readonly refundSeconds?: number
  /** For the test card that is approved by chance. */
  readonly random?: () => number
  /** Told of everything that happens. */
  readonly onEvent?: (event: SimulatorEvent) => void
}

export interface SimulatorEvent {
  readonly at: Date
  readonly orderId?: string
  readonly text: string
}
