import { expect, test } from 'vitest'
import { decideWarehouses } from './warehouses.ts'

test('names that are not there yet are added, in the order of the file', () => {
  expect(
    decideWarehouses(
      ['main'],
      [
        { name: 'south', line: 2 },
        { name: 'main', line: 3 },
        { name: 'north', line: 9 },
      ],
    ),
  ).toEqual({
    added: ['south', 'north'],
    badRows: [],
  })
})

test('a name that differs by case alone from an existing one, or from one in the file, is taken for a slip', () => {
  const wanted = [
    { name: 'MAIN', line: 2 },
    { name: 'Łódź', line: 3 },
    { name: 'łódź', line: 4 },
  ]
  expect(decideWarehouses(['main'], wanted)).toEqual({
    added: ['Łódź'],
    badRows: [
      { line: 2, column: 'warehouse', problem: '"MAIN" is written "main" elsewhere: write it the same' },
      { line: 4, column: 'warehouse', problem: '"łódź" is written "Łódź" elsewhere: write it the same' },
    ],
  })
})
