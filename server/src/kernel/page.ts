/** One page of a list. */
export interface Page<T> {
  /** How many there are on all pages together. */
  readonly count: number
  readonly items: readonly T[]
}

/** A page that tells where the list goes on. */
export interface LinkedPage<T> extends Page<T> {
  readonly hasNext: boolean
}

/** Which page of a list. */
export interface PageWish {
  /** From 1. */
  readonly page: number
  readonly pageSize: number
  /** The last id of the page before, where the client was told it: the page is found there and not by counting off. */
  readonly after?: string | undefined
}

/** The rows to ask for: one more than the page holds tells whether there is another page. */
export function rowsOf({ page, pageSize, after }: PageWish): { limit: number; offset: number } {
  return { limit: pageSize + 1, offset: after === undefined ? (page - 1) * pageSize : 0 }
}

/** The page that the rows of {@link rowsOf} make. */
export function pageOf<T>(rows: readonly T[], count: number, { pageSize }: PageWish): LinkedPage<T> {
  return { count, items: rows.slice(0, pageSize), hasNext: rows.length > pageSize }
}
