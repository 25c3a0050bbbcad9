import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PRODUCT_STATUSES } from '../../catalogue/index.ts'
import { PRICE_MINOR_MAX, toDecimal } from '../../kernel/money.ts'
import { decideRow, type ImportRow } from './row.ts'

const tent = { sku: 'T-1', name: 'Tent', description: 'Sleeps two', price: '3000', product_type: 'tents' }

/** What is held against the tent with these values changed. */
function problemsOf(changed: object): unknown[] {
  return decideRow({ ...tent, ...changed }, 'PLN').problems
}

test('a full row is read as it stands', () => {
  const cells = { ...tent, status: 'sale', picture: 'tent_1.svg', warehouse: 'north', quantity: '007' }
  expect(decideRow(cells, 'PLN')).toEqual({
    row: {
      sku: 'T-1',
      name: 'Tent',
      description: 'Sleeps two',
      priceMinor: 300_000,
      productType: 'tents',
      status: 'sale',
      picture: 'tent_1.svg',
      warehouse: 'north',
      quantity: 7,
    },
    problems: [],
  })
})

test('empty values say nothing, and are no mistake in a row by itself', () => {
  expect(decideRow({ sku: 'T-1', name: '', price: '', warehouse: '', quantity: '' }, 'PLN')).toEqual({
    row: {
      sku: 'T-1',
      name: null,
      description: null,
      priceMinor: null,
      productType: null,
      status: null,
      picture: null,
      warehouse: null,
      quantity: null,
    },
    problems: [],
  })
})

test('pieces without a warehouse go to "main"; a warehouse without pieces is a mistake', () => {
  expect(decideRow({ ...tent, quantity: '0' }, 'PLN').row).toMatchObject({ warehouse: 'main', quantity: 0 })
  expect(problemsOf({ warehouse: 'north' })).toEqual([
    { column: 'quantity', problem: 'is missing: how many pieces are in the warehouse "north"?' },
  ])
})

test.each([
  ['12,50', '"12,50": write a dot before the decimals, 12.50'],
  ['12.50 zł', '"12.50 zł": write the number alone, such as 12.50; all prices are in PLN'],
  ['12,50PLN', '"12,50PLN": write the number alone, such as 12.50; all prices are in PLN'],
  ['€12.50', '"€12.50": write the number alone, such as 12.50; all prices are in PLN'],
  ['1,234.50', '"1,234.50": write it without thousands separators, such as 1234.50'],
  ['1 234', '"1 234": write it without thousands separators, such as 1234.50'],
  ['12.505', '"12.505" has more than two decimals'],
  ['-1', '"-1": must be above 0'],
  ['0.00', 'must be above 0'],
  ['10000000.01', 'is above 10000000.00, the highest price there may be'],
  ['1e3', '"1e3" is no price: write digits and a dot, such as 12.50'],
  ['dear', '"dear" is no price: write digits and a dot, such as 12.50'],
])('the price %s is refused, and what to write instead is said', (price, problem) => {
  expect(problemsOf({ price })).toEqual([{ column: 'price', problem }])
})

test.each([
  ['0.01', 1],
  ['12.5', 1_250],
  ['10000000.00', 1_000_000_000],
])('the price %s is %i minor units', (price, minor) => {
  expect(decideRow({ ...tent, price }, 'PLN').row.priceMinor).toBe(minor)
})

test.each(['-1', '1.5', '1e3', '10000001', '99999999999999999999', 'many'])(
  'the quantity %s is refused',
  (quantity) => {
    expect(problemsOf({ quantity })).toEqual([
      { column: 'quantity', problem: `"${quantity}" is no whole number from 0 to 10000000` },
    ])
  },
)

test('a status is one of five, as it is written', () => {
  expect(problemsOf({ status: 'Sale' })).toEqual([
    { column: 'status', problem: '"Sale" is none of draft, new, regular, sale, withdrawn' },
  ])
})

test.each(['../tent.svg', 'C:\\tent.svg', '/tent.svg'])('the picture %s is refused as a path', (picture) => {
  expect(problemsOf({ picture })).toEqual([{ column: 'picture', problem: 'is a path: write the file name alone' }])
})

test.each(['.tent.svg', 'tent', 'tent.svg.exe', 'my tent.png', 'tent.svg\n', 'żagiel.png'])(
  '%j is no picture',
  (picture) => {
    expect(problemsOf({ picture })).toMatchObject([
      { column: 'picture', problem: expect.stringMatching(/^is no picture: /) },
    ])
  },
)

test.each([
  ['sku', 64],
  ['name', 200],
  ['description', 5_000],
  ['product_type', 64],
])('%s may have %i characters, emoji counted as one, and none more', (column, max) => {
  expect(problemsOf({ [column]: '😀'.repeat(max) })).toEqual([])
  expect(problemsOf({ [column]: '😀'.repeat(max + 1) })).toEqual([
    { column, problem: `has ${max + 1} characters, ${max} are the most` },
  ])
})

test('NUL, control characters and bytes that were no UTF-8 are refused in whatever column', () => {
  expect(problemsOf({ description: 'One line\n\tand another' })).toEqual([])
  expect(problemsOf({ name: 'Te\u001b[31mnt' })).toMatchObject([{ problem: 'holds a control character: take it out' }])
  expect(problemsOf({ name: 'Te\0nt', description: 'Za\uFFFD\uFFFD' })).toEqual([
    { column: 'name', problem: 'holds a NUL character: take it out' },
    { column: 'description', problem: 'holds bytes that are no UTF-8: save the file as UTF-8' },
  ])
})

test('all mistakes of a row are told at once, and its bad values are not handed on', () => {
  const { row, problems } = decideRow({ ...tent, sku: '', price: 'x', quantity: 'y', status: 'z' }, 'PLN')
  expect(problems.map((found) => found.column).sort()).toEqual(['price', 'quantity', 'sku', 'status'])
  expect(row).toMatchObject({ sku: '', priceMinor: null, quantity: null, status: null })
})

test('any row that may stand, printed, is read back the same', () => {
  // Any characters but those that are refused; framed, since blanks at the ends are trimmed.
  const text = (maxLength: number) =>
    fc.string({ unit: 'binary', maxLength: maxLength - 2 }).map((value) => `_${value.replace(/[\p{Cc}\uFFFD]/gu, '')}_`)
  const stock = fc.oneof(
    fc.record({ warehouse: text(100), quantity: fc.integer({ min: 0, max: 10_000_000 }) }),
    fc.constant({ warehouse: null, quantity: null }),
  )
  const product = fc.record({
    sku: text(64),
    name: fc.option(text(200)),
    description: fc.option(text(5_000)),
    priceMinor: fc.option(fc.integer({ min: 1, max: PRICE_MINOR_MAX })),
    productType: fc.option(text(64)),
    status: fc.option(fc.constantFrom(...PRODUCT_STATUSES)),
    picture: fc.option(fc.constantFrom('tent.svg', 'T-1_b.JPG.jpeg')),
  })
  fc.assert(
    fc.property(product, stock, (of, pieces) => {
      const row: ImportRow = { ...of, ...pieces }
      expect(decideRow(print(row), 'PLN')).toEqual({ row, problems: [] })
    }),
  )
})

function print(row: ImportRow): Record<string, string> {
  return {
    sku: row.sku,
    name: row.name ?? '',
    description: row.description ?? '',
    price: row.priceMinor === null ? '' : toDecimal(row.priceMinor),
    product_type: row.productType ?? '',
    status: row.status ?? '',
    picture: row.picture ?? '',
    warehouse: row.warehouse ?? '',
    quantity: row.quantity === null ? '' : String(row.quantity),
  }
}
