import { expect, test } from 'vitest'
import { cellsOf, decideHeader } from './header.ts'

const KNOWN = 'sku, name, description, price, product_type, status, picture, warehouse, quantity'

test('columns may come in any order, the optional ones may be left out, case and blanks do not matter', () => {
  expect(decideHeader(['price', ' SKU ', 'product_type', 'description', 'name', 'quantity'])).toEqual({
    columns: ['price', 'sku', 'product_type', 'description', 'name', 'quantity'],
  })
})

test('unknown, nameless, repeated and missing columns are named, all at once', () => {
  expect(decideHeader(['sku', 'name', 'colour', '', 'name', 'description', 'price'])).toEqual({
    problems: [
      { column: 'colour', problem: `the column "colour" is not known; the columns are ${KNOWN}` },
      { problem: 'column 4 has no name' },
      { column: 'name', problem: 'the column "name" stands there twice' },
      { column: 'product_type', problem: 'the column "product_type" is missing' },
    ],
  })
})

test('a header separated by semicolons or tabs is told to use commas', () => {
  expect(decideHeader(['sku;name;description'])).toEqual({
    problems: [{ problem: 'the values are separated by semicolons: separate them by commas' }],
  })
  expect(decideHeader(['sku\tname'])).toEqual({
    problems: [{ problem: 'the values are separated by tabs: separate them by commas' }],
  })
})

test('a row has as many values as there are columns; they are trimmed', () => {
  expect(cellsOf(['sku', 'name'], [' T-1 ', ' Tent\u00a0'])).toEqual({ sku: 'T-1', name: 'Tent' })
  expect(cellsOf(['sku', 'name'], ['T-1'])).toBeUndefined()
  expect(cellsOf(['sku', 'name'], ['T-1', 'Tent', ''])).toBeUndefined()
})
