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

test('a change that the warehouses cannot fill is refused', () => {
  expect(() => decideChange(3, { productId, available: 3, changed: true })).not.toThrow()
  expect(() => decideChange(4, { productId, available: 3, changed: false })).toThrow(
    expect.objectContaining({ refusal: { code: 'bucket.not-enough', lines: [{ productId, asked: 4, available: 3 }] } }),
  )
})
