import { describe, expect, test } from 'vitest'
import { readPage, wrapPage } from './paging.ts'

const wrap = (url: string, page: number, pageSize: number, count: number) =>
  wrapPage(
    'https://shop.example',
    url,
    { page, pageSize },
    { count, items: count > (page - 1) * pageSize ? ['x'] : [] },
    (x) => x,
  )

describe('the page asked for', () => {
  test('is the first, of twenty', () => expect(readPage({})).toEqual({ page: 1, pageSize: 20 }))
  test('has at most a hundred entries', () => expect(readPage({ page_size: '5000' }).pageSize).toBe(100))

  test.each(['0', '-1', '1.5', 'abc', '', '1e3', '99999999999999999999', ' 1'])('%j is no page', (page) => {
    expect(() => readPage({ page })).toThrow(expect.objectContaining({ refusal: { code: 'http.page-not-found' } }))
  })
  test.each(['0', '-1', 'abc'])('%j is no page size', (page_size) => {
    const refusal = { code: 'http.invalid', problems: { page_size: ['A valid integer is required.'] } }
    expect(() => readPage({ page_size })).toThrow(expect.objectContaining({ refusal }))
  })
})

describe('the page wrapper', () => {
  test('links the pages around it and keeps what else was asked', () => {
    expect(wrap('/api/products?name=tent&page=2&page_size=5', 2, 5, 11)).toEqual({
      count: 11,
      next: 'https://shop.example/api/products?name=tent&page=3&page_size=5',
      previous: 'https://shop.example/api/products?name=tent&page_size=5',
      results: ['x'],
    })
  })

  test('has no next page at the exact end', () => expect(wrap('/api/products?page=2', 2, 5, 10).next).toBeNull())
  test('is empty when there is nothing at all', () => {
    expect(wrap('/api/orders', 1, 20, 0)).toEqual({ count: 0, next: null, previous: null, results: [] })
  })
  test('does not exist behind the last page', () => {
    expect(() => wrap('/api/orders?page=2', 2, 20, 0)).toThrow(
      expect.objectContaining({ refusal: { code: 'http.page-not-found' } }),
    )
  })
})
