import type { Minor } from '../../../kernel/money.ts'

/**
 * `credit` is money that came, `debit` money that went. A reversal is the bank taking a booking back:
 * `credit-reversed` takes money that had come, `debit-reversed` brings back what had gone.
 */
export type StatementLineKind = 'credit' | 'debit' | 'credit-reversed' | 'debit-reversed'

/** One booking on an account, in whatever format the bank told it. What the bank did not tell is empty. */
export interface StatementLine {
  /** The shop's account: an IBAN where the bank gives one, else what it calls the account. */
  readonly account: string
  /** The day the bank booked it, as `2026-11-20`. */
  readonly bookedOn: string
  readonly kind: StatementLineKind
  /** Never below zero: `kind` says which way it went. */
  readonly amountMinor: Minor
  readonly currency: string
  /** What the payer wrote, its lines put together again. */
  readonly title: string
  readonly payerName: string
  readonly payerAccount: string
  /** The bank's own name for the booking. */
  readonly bankReference: string
  /** The payer's name for it. */
  readonly endToEndId: string
  /** Where in the file it begins, as a text editor counts. */
  readonly lineNumber: number
}

/** A statement that was read whole. */
export interface Statement {
  readonly format: 'camt.053' | 'mt940'
  readonly lines: readonly StatementLine[]
  /** Entries the bank announces and has not booked; they come again when it has. */
  readonly notBooked: number
  /** What is odd, in words for whoever has the file. */
  readonly warnings: readonly string[]
}

/** The file cannot be read whole, and so nothing of it counts. */
export class BadStatement extends Error {
  /** As a text editor counts; undefined: it is about the whole file. */
  readonly lineNumber: number | undefined

  /** @param problem what is wrong and what to do, for whoever has the file */
  constructor(problem: string, lineNumber?: number) {
    super(problem)
    this.name = 'BadStatement'
    this.lineNumber = lineNumber
  }
}
