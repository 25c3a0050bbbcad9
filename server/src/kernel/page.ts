/** One page of a list. */
export interface Page<T> {
  /** How many there are on all pages together. */
  readonly count: number
  readonly items: readonly T[]
}
