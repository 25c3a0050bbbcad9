import type { Page } from '../../kernel/page.ts'
import { Refused } from '../../kernel/refused.ts'
import type { HttpRefusal } from '../http/refusals.ts'

const PAGE_SIZE = 20
const PAGE_SIZE_MAX = 100
/** Deeper pages are nobody's; it keeps the offset an integer PostgreSQL takes. */
const PAGE_MAX = 1_000_000

export interface PageWish {
  readonly page: number
  readonly pageSize: number
}

interface PageQuery {
  readonly page?: string
  readonly page_size?: string
}

/** @throws http.page-not-found, http.invalid */
export function readPage({ page = '1', page_size = String(PAGE_SIZE) }: PageQuery): PageWish {
  const number = wholeNumber(page)
  if (!number || number > PAGE_MAX) throw pageNotFound()
  const size = wholeNumber(page_size)
  if (!size) {
    const problems = { page_size: ['A valid integer is required.'] }
    throw new Refused<HttpRefusal>({ code: 'http.invalid', problems })
  }
  return { page: number, pageSize: Math.min(size, PAGE_SIZE_MAX) }
}

/**
 * The contract's page wrapper.
 *
 * @param url of the request, for `next` and `previous`
 * @throws http.page-not-found behind the last page; the first one always is
 */
export function wrapPage<T, W>(
  publicUrl: string,
  url: string,
  { page, pageSize }: PageWish,
  { count, items }: Page<T>,
  toWire: (item: T) => W,
): { count: number; next: string | null; previous: string | null; results: W[] } {
  if (page > 1 && items.length === 0) throw pageNotFound()
  return {
    count,
    next: page * pageSize < count ? pageUrl(publicUrl, url, page + 1) : null,
    previous: page > 1 ? pageUrl(publicUrl, url, page - 1) : null,
    results: items.map(toWire),
  }
}

function pageUrl(publicUrl: string, url: string, page: number): string {
  // A request may name the whole address instead of the path.
  const { pathname, search } = new URL(url, publicUrl)
  const full = new URL(publicUrl + pathname + search)
  if (page === 1) full.searchParams.delete('page')
  else full.searchParams.set('page', String(page))
  return full.href
}

function wholeNumber(text: string): number | undefined {
  return /^[0-9]{1,9}$/.test(text) ? Number(text) : undefined
}

function pageNotFound(): Refused<HttpRefusal> {
  return new Refused<HttpRefusal>({ code: 'http.page-not-found' })
}
