import { describe, expect, test } from 'vitest'
import type { CustomerId, ProductId } from '../kernel/ids.ts'
import { type AddLineFacts, decideChange, decideLine, LINES_MAX, QUANTITY_MAX } from './bucket.ts'

const productId = 'tent' as ProductId
const facts: AddLineFacts = {
  customerId: 'anna' as CustomerId,
  alreadyIn: false,
  lines: 0,
  available: 5,
  unitPriceMinor: 44_900,
  added: true,
}

describe('a line', () => {
  test('that was added has the price of now', () => expect(decideLine({ productId, quantity: 5 }, facts)).toBe(44_900))

  test.each<[string, Partial<AddLineFacts>, number, object]>([
    [
      'is in already, before anything else is said',
      { alreadyIn: true, available: null, added: false },
      99,
      { code: 'bucket.already-in' },
    ],
    [
      'is of an unknown product',
      { available: null, unitPriceMinor: null, added: false },
      1,
      { code: 'bucket.not-available' },
    ],
    ['is of a product that is sold out', { available: 0, added: false }, 1, { code: 'bucket.not-available' }],
    [
      'asks for more than there is',
      { added: false },
      6,
      { code: 'bucket.not-enough', lines: [{ productId, asked: 6, available: 5 }] },
    ],
    [
      'asks for more than one order carries',
      { available: 50_000, added: false },
      QUANTITY_MAX + 1,
      { code: 'bucket.not-enough', lines: [{ productId, asked: QUANTITY_MAX + 1, available: 50_000 }] },
    ],
    ['is one too many', { lines: LINES_MAX, added: false }, 1, { code: 'bucket.full', linesMax: LINES_MAX }],
    ['was added by a twin of this request', { added: false }, 1, { code: 'bucket.already-in' }],
  ])('is refused when it %s', (_when, found, quantity, refusal) => {
    expect(() => decideLine({ productId, quantity }, { ...facts, ...found })).toThrow(
      expect.objectContaining({ refusal: expect.objectContaining(refusal) }),
    )
  })
})

describe('a change', () => {
  const change = (quantity: number, found: object) => () =>
    decideChange(quantity, { productId, available: 3, changed: true, ...found })
  const refusal = (refusal: object) => expect.objectContaining({ refusal })

  test('that the warehouses can fill is made', () => expect(change(3, {})).not.toThrow())

  test('that they cannot fill is refused, and so is more than one order carries', () => {
    const short = (asked: number, available: number) =>
      refusal({ code: 'bucket.not-enough', lines: [{ productId, asked, available }] })
    expect(change(4, { changed: false })).toThrow(short(4, 3))
    expect(change(QUANTITY_MAX + 1, { changed: false, available: 50_000 })).toThrow(short(QUANTITY_MAX + 1, 50_000))
  })

  test('of a line that is not there, or that an order took meanwhile, finds no line', () => {
    expect(change(1, { productId: null, changed: false })).toThrow(refusal({ code: 'bucket.line-not-found' }))
    expect(change(1, { changed: false })).toThrow(refusal({ code: 'bucket.line-not-found' }))
  })
})
