import { type Id, isUuid } from '../../kernel/ids.ts'
import type { LinkedPage, PageWish } from '../../kernel/page.ts'
import { Refused } from '../../kernel/refused.ts'
import type { HttpRefusal } from '../http/refusals.ts'

const PAGE_SIZE = 20
const PAGE_SIZE_MAX = 100
/** Deeper pages are nobody's; it keeps the offset an integer PostgreSQL takes. */
const PAGE_MAX = 1_000_000

interface PageQuery {
  readonly page?: string
  readonly page_size?: string
  readonly after?: string
}

/** @throws http.page-not-found, http.invalid */
export function readPage<I extends Id<string>>(query: PageQuery): PageWish & { after?: I } {
  const { page = '1', page_size = String(PAGE_SIZE), after } = query
  const number = wholeNumber(page)
  if (!number || number > PAGE_MAX || (after !== undefined && !isUuid(after))) throw pageNotFound()
  const size = wholeNumber(page_size)
  if (!size) {
    const problems = { page_size: ['A valid integer is required.'] }
    throw new Refused<HttpRefusal>({ code: 'http.invalid', problems })
  }
  return { page: number, pageSize: Math.min(size, PAGE_SIZE_MAX), ...(after && { after: after as I }) }
}

interface WirePage<W> {
  count: number
  next: string | null
  previous: string | null
  results: W[]
}

/**
 * The contract's page wrapper. `next` says besides the page's number where this one ends, so that the server need not
 * count off the pages before.
 *
 * @param url of the request, for `next` and `previous`
 * @throws http.page-not-found behind the last page; the first one always is
 */
export function wrapPage<T extends { readonly id: string }, W>(
  publicUrl: string,
  url: string,
  { page }: PageWish,
  { count, items, hasNext }: LinkedPage<T>,
  toWire: (item: T) => W,
): WirePage<W> {
  if (page > 1 && items.length === 0) throw pageNotFound()
  return {
    count,
    next: hasNext ? pageUrl(publicUrl, url, page + 1, items.at(-1)?.id) : null,
    previous: page > 1 ? pageUrl(publicUrl, url, page - 1) : null,
    results: items.map(toWire),
  }
}

/** The page wrapper around a list that is short by nature. */
export function wrapAll<T, W>(items: readonly T[], toWire: (item: T) => W): WirePage<W> {
  return { count: items.length, next: null, previous: null, results: items.map(toWire) }
}

function pageUrl(publicUrl: string, url: string, page: number, after?: string): string {
  // A request may name the whole address instead of the path.
  const { pathname, search } = new URL(url, publicUrl)
  const full = new URL(publicUrl + pathname + search)
  if (page === 1) full.searchParams.delete('page')
  else full.searchParams.set('page', String(page))
  if (after === undefined) full.searchParams.delete('after')
  else full.searchParams.set('after', after)
  return full.href
}

function wholeNumber(text: string): number | undefined {
  return /^[0-9]{1,9}$/.test(text) ? Number(text) : undefined
}

function pageNotFound(): Refused<HttpRefusal> {
  return new Refused<HttpRefusal>({ code: 'http.page-not-found' })
}
