/** What every refusal carries: a code of its room, such as `bucket.not-enough`. Rooms add the facts a contract may tell. */
export interface Refusal {
  code: string
}

/**
 * What the product means to say no to. Anything else that is thrown is a bug.
 *
 * It knows no status, number or wording: each contract has a {@link WireTable} for that.
 */
export class Refused<R extends Refusal = Refusal> extends Error {
  readonly refusal: R

  constructor(refusal: R, options?: ErrorOptions) {
    super(`refused: ${refusal.code}`, options)
    this.name = 'Refused'
    this.refusal = refusal
  }
}

/** One reply for each refusal a contract can meet; a forgotten or misspelt code does not compile. */
export type WireTable<R extends Refusal, Reply> = {
  [C in R['code']]: (refusal: Extract<R, { code: C }>) => Reply
}
