import { describe, expect, test } from 'vitest'
import { readPage, wrapAll, wrapPage } from './paging.ts'

const LAST = '01855f5b-9000-7000-8000-000000000009'
const wrap = (url: string, page: number, { count = 0, hasNext = false }) =>
  wrapPage(
    'https://shop.example',
    url,
    { page, pageSize: 5 },
    { count, hasNext, items: count > 0 ? [{ id: 'x' }, { id: LAST }] : [] },
    ({ id }) => id,
  )

const NO_PAGE = expect.objectContaining({ refusal: { code: 'http.page-not-found' } })

describe('the page asked for', () => {
  test('is the first, of twenty', () => expect(readPage({})).toEqual({ page: 1, pageSize: 20 }))
  test('has at most a hundred entries', () => expect(readPage({ page_size: '5000' }).pageSize).toBe(100))
  test('is where the page before ended', () => {
    expect(readPage({ page: '3', after: LAST })).toEqual({ page: 3, pageSize: 20, after: LAST })
  })

  test.each(['0', '-1', '1.5', 'abc', '', '1e3', '99999999999999999999', ' 1'])('%j is no page', (page) => {
    expect(() => readPage({ page })).toThrow(NO_PAGE)
  })
  test.each(['', 'x', `${LAST}0`])('there is no page after %j', (after) => {
    expect(() => readPage({ page: '2', after })).toThrow(NO_PAGE)
  })
  test.each(['0', '-1', 'abc'])('%j is no page size', (page_size) => {
    const refusal = { code: 'http.invalid', problems: { page_size: ['A valid integer is required.'] } }
    expect(() => readPage({ page_size })).toThrow(expect.objectContaining({ refusal }))
  })
})

describe('the page wrapper', () => {
  test('links the pages around it and keeps what else was asked', () => {
    expect(wrap('/api/products?name=tent&page=2&page_size=5&after=y', 2, { count: 11, hasNext: true })).toEqual({
      count: 11,
      next: `https://shop.example/api/products?name=tent&page=3&page_size=5&after=${LAST}`,
      previous: 'https://shop.example/api/products?name=tent&page_size=5',
      results: ['x', LAST],
    })
  })

  test('has no next page where nothing comes, whatever the count', () => {
    expect(wrap('/api/products?page=2', 2, { count: 11 }).next).toBeNull()
  })
  test('is empty when there is nothing at all', () => {
    expect(wrap('/api/orders', 1, {})).toEqual({ count: 0, next: null, previous: null, results: [] })
  })
  test('does not exist behind the last page', () => {
    expect(() => wrap('/api/orders?page=2', 2, {})).toThrow(NO_PAGE)
  })
  test('holds a short list whole', () => {
    expect(wrapAll([1, 2], String)).toEqual({ count: 2, next: null, previous: null, results: ['1', '2'] })
  })
})
