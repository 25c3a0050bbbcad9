import { expect, test } from 'vitest'
import { transferCode } from './transfer-code.ts'

const polish = { iban: 'PL61109010140000071219812874', bic: '', name: 'Sklep Lampa' }
const german = { iban: 'DE89370400440532013000', bic: 'COBADEFFXXX', name: 'Lampenladen' }

test('a transfer in złoty carries the code of the Polish banks', () => {
  const code = transferCode({ account: polish, amountMinor: 12_999, currency: 'PLN', title: 'TP00000001F' })
  expect(code?.format).toBe('zbp')
  expect(code?.text).toBe('|PL|61109010140000071219812874|012999|Sklep Lampa|TP00000001F|||')
  expect(code?.svg).toMatch(/^<svg [^>]*viewBox="0 0 \d+ \d+"/)
})

test('a transfer in euros carries the European code', () => {
  const code = transferCode({ account: german, amountMinor: 1_230, currency: 'EUR', title: 'TP00000001F' })
  expect(code?.format).toBe('epc')
  expect(code?.text.split('\n')).toEqual([
    'BCD',
    '002',
    '1',
    'SCT',
    'COBADEFFXXX',
    'Lampenladen',
    'DE89370400440532013000',
    'EUR12.30',
    '',
    '',
    'TP00000001F',
  ])
})

test.each([
  ['more than the Polish code can say', { account: polish, currency: 'PLN', amountMinor: 1_000_000 }],
  ['złoty to an account abroad', { account: german, currency: 'PLN', amountMinor: 100 }],
  ['another currency', { account: german, currency: 'CZK', amountMinor: 100 }],
])('%s has no code', (_what, transfer) => {
  expect(transferCode({ ...transfer, title: 'TP00000001F' })).toBeUndefined()
})

test('a long name and a separator in it do not break the Polish code', () => {
  const account = { ...polish, name: 'Sklep | bardzo długa nazwa firmy' }
  const fields = transferCode({ account, amountMinor: 1, currency: 'PLN', title: 'TP00000001F' })?.text.split('|')
  expect(fields).toHaveLength(9)
  expect(fields?.[4]).toBe('Sklep   bardzo długa')
})
