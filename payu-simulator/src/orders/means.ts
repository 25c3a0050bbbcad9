/** How a test card or code answers: `000` is approval, anything else the reason for the refusal, as in `resultCode`. */
export interface TestCard {
  readonly number: string
  readonly behaviour: string
  /** Undefined: the bank asks the buyer first. */
  decide(amountMinor: number, random: () => number): string
  readonly challenge?: boolean
}

const always = (resultCode: string) => () => resultCode

/** PayU's published sandbox cards: CVV 123, valid until 12/29. */
export const TEST_CARDS: readonly TestCard[] = [
  { number: '4444333322221111', behaviour: 'approved, no 3-D Secure', decide: always('000') },
  { number: '5434021016824014', behaviour: 'approved, no 3-D Secure', decide: always('000') },
  { number: '5000105018126595', behaviour: 'declined', decide: always('S05') },
  { number: '4245757666349685', behaviour: '3-D Secure: you are asked', decide: always('000'), challenge: true },
  { number: '5100052384536826', behaviour: '3-D Secure without a question, approved', decide: always('000') },
  { number: '5521455186577727', behaviour: '3-D Secure without a question, refused', decide: always('114') },
  {
    number: '4532598021104999',
    behaviour: 'approved only below 10.00',
    decide: (amountMinor) => (amountMinor < 1000 ? '000' : 'S51'),
  },
  {
    number: '5405860937270285',
    behaviour: 'approved every other time, by chance',
    decide: (_amountMinor, random) => (random() < 0.5 ? '000' : 'S05'),
  },
]

export const findTestCard = (number: string): TestCard | undefined => TEST_CARDS.find((card) => card.number === number)

export const maskCard = (number: string): string => `${number.slice(0, 6)}******${number.slice(-4)}`

/** PayU's test codes. What starts with 777 is approved, and so is any other code: the list names those that are not. */
export const REFUSED_BLIK_CODES: Readonly<Record<string, { resultCode: string; behaviour: string }>> = {
  500500: { resultCode: 'S05', behaviour: 'refused' },
  700701: { resultCode: 'S54', behaviour: 'expired' },
  700702: { resultCode: 'S05', behaviour: 'canceled' },
  700703: { resultCode: 'S05', behaviour: 'already used' },
}

export const isBlikCode = (code: string): boolean => /^\d{6}$/.test(code)

export const decideBlik = (code: string): string => REFUSED_BLIK_CODES[code]?.resultCode ?? '000'

export interface CardToken {
  readonly isMultiUse: boolean
  readonly card: TestCard
  readonly needsCvv: boolean
}

/**
 * Tokens come from PayU's card form in the browser, which is not here. A token is made by hand instead: `TOK_` (single
 * use) or `TOKC_` (multi use) and a test card's number, then `_CVV` for one that wants its CVV again, then `_` and
 * anything that makes it another token.
 */
export function readCardToken(token: string): CardToken | undefined {
  const [, kind, number = '', cvv] = /^(TOKC?)_(\d{16})(_CVV)?(?:_\w{1,64})?$/.exec(token) ?? []
  const card = findTestCard(number)
  return card && { isMultiUse: kind === 'TOKC', card, needsCvv: cvv !== undefined }
}
