import type { PointOfSale } from '../points-of-sale.ts'

export interface PayMethod {
  readonly value: string
  readonly name: string
  readonly minMinor: number
  readonly maxMinor: number
  /** Undefined: any. */
  readonly currencies?: readonly string[]
  readonly status: 'ENABLED' | 'DISABLED' | 'TEMPORARY_DISABLED'
}

const CARD_MAX_MINOR = 99_999_999
const bank = (value: string, name: string): PayMethod => ({
  value,
  name,
  minMinor: 100,
  maxMinor: CARD_MAX_MINOR,
  currencies: ['PLN', 'CZK', 'EUR'],
  status: 'ENABLED',
})
const later = (value: string, name: string, minMinor: number, maxMinor: number): PayMethod => ({
  value,
  name,
  minMinor,
  maxMinor,
  currencies: ['PLN'],
  status: 'ENABLED',
})

const ALL: readonly PayMethod[] = [
  { value: 'c', name: 'Card', minMinor: 5, maxMinor: CARD_MAX_MINOR, status: 'ENABLED' },
  { value: 'blik', name: 'BLIK', minMinor: 100, maxMinor: CARD_MAX_MINOR, currencies: ['PLN'], status: 'ENABLED' },
  { value: 'ap', name: 'Google Pay', minMinor: 5, maxMinor: CARD_MAX_MINOR, status: 'ENABLED' },
  { value: 'jp', name: 'Apple Pay', minMinor: 5, maxMinor: CARD_MAX_MINOR, status: 'ENABLED' },
  bank('m', 'mTransfer'),
  bank('w', 'Santander'),
  bank('o', 'Bank Pekao'),
  bank('p', 'iPKO'),
  bank('i', 'Inteligo'),
  bank('g', 'ING'),
  bank('ab', 'Alior Bank'),
  bank('wm', 'Millennium'),
  bank('wc', 'Citi Handlowy'),
  bank('l', 'Crédit Agricole'),
  bank('bnx', 'BNP Paribas'),
  bank('bo', 'BOŚ'),
  bank('nstb', 'Nest Bank'),
  bank('bs', 'Cooperative banks'),
  bank('sgb', 'SGB'),
  { ...bank('plsb', 'Plus Bank'), status: 'TEMPORARY_DISABLED' },
  bank('b', 'Bank transfer through PayU'),
  bank('t', 'Test payment'),
  later('ai', 'Instalments', 30_000, 2_000_000),
  later('dpt', 'Twisto', 100, 150_000),
  later('dpts', 'Twisto, in three parts', 10_000, 400_000),
  later('dpp', 'PayPo', 4_000, 300_000),
  later('dpkl', 'Klarna', 3_500, 500_000),
  { ...later('ppf', 'PragmaPay', 10_000, 3_000_000), status: 'DISABLED' },
]

/** What a point of sale knows in its currency, switched off or not. */
export function payMethodsOf(pos: PointOfSale): PayMethod[] {
  return ALL.filter(({ currencies }) => !currencies || currencies.includes(pos.currency)).map((method) =>
    pos.disabledMethods.includes(method.value) ? { ...method, status: 'DISABLED' as const } : method,
  )
}

/** What a buyer can pay this amount with. */
export function offeredMethods(pos: PointOfSale, amountMinor: number): PayMethod[] {
  return payMethodsOf(pos).filter(
    ({ status, minMinor, maxMinor }) => status === 'ENABLED' && minMinor <= amountMinor && amountMinor <= maxMinor,
  )
}
