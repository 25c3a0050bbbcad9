/**
 * The most characters a customer's texts may have, the same for every contract and for those who move in. The database
 * holds to the same numbers.
 */
export const LENGTH_MAX = {
  username: 150,
  email: 254,
  firstName: 150,
  lastName: 150,
  patronymic: 150,
  phone: 40,
  city: 150,
  address: 500,
} as const

export type ProfileText = keyof typeof LENGTH_MAX

/** Names, phone and city: without line breaks or any other control character, which would spoil a letter or a label. */
export function isOneLine(text: string): boolean {
  return !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text)
}

/** An address: like {@link isOneLine}, but in as many lines as it takes, and with tabs. */
export function isLines(text: string): boolean {
  return isOneLine(text.replace(/[\n\r\t]/g, ''))
}
