import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromDecimal, toDecimal, toMajorNumber } from './money.ts'

describe('decimals', () => {
  test.each([
    [0, '0.00'],
    [5, '0.05'],
    [99, '0.99'],
    [100, '1.00'],
    [300_000, '3000.00'],
    [-1_999, '-19.99'],
    [Number.MAX_SAFE_INTEGER, '90071992547409.91'],
  ])('%i minor units are %s', (minor, text) => expect(toDecimal(minor)).toBe(text))

  test.each([
    ['3000', 300_000],
    ['3000.5', 300_050],
    ['19.99', 1_999],
    ['0.01', 1],
  ])('%s is read as %i minor units', (text, minor) => expect(fromDecimal(text)).toBe(minor))

  test.each([
    '',
    ' ',
    '-1',
    '+1',
    '1e3',
    '1,00',
    '01',
    '1.',
    '.5',
    '1.005',
    '0x10',
    'NaN',
    'Infinity',
    '1 000',
    '99999999999999',
  ])('%j is no sum of money', (text) => expect(fromDecimal(text)).toBeUndefined())

  test('whatever is written can be read again', () => {
    fc.assert(fc.property(fc.nat(1_000_000_000_000), (minor) => fromDecimal(toDecimal(minor)) === minor))
  })

  test('as a number it is in major units', () => expect(toMajorNumber(100_000)).toBe(1000))
})
