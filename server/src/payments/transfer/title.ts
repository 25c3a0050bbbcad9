import { randomInt } from 'node:crypto'

// Crockford's alphabet: no I, L, O, U to be mistaken for others when somebody copies the title by hand.
export const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const DRAWN = 8

/**
 * What the payer writes as the title of the transfer: `TP`, eight drawn characters and a check character, such as
 * `TP7K3M9QXAR`. Short enough for every bank's form and QR code.
 */
export function newTransferTitle(): string {
  const drawn = Array.from({ length: DRAWN }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
  return `TP${drawn}${checkCharacter(drawn)}`
}

/**
 * The title as it is stored: upper case, without spaces and dashes, with the letters people mistake read as the
 * characters they are taken for. Undefined when it cannot be one of ours: a wrong length or check character.
 */
export function readTransferTitle(text: string): string | undefined {
  const title = text.toUpperCase().replace(/[\s\-_.]/g, '')
  if (!title.startsWith('TP')) return undefined
  const body = title.slice(2).replace(/O/g, '0').replace(/[IL]/g, '1').replace(/U/g, 'V')
  const drawn = body.slice(0, DRAWN)
  return body.length === DRAWN + 1 && body.at(-1) === checkCharacter(drawn) ? `TP${body}` : undefined
}

/** Weights 1, 3, 5, … modulo 32 are odd, so any single wrong character changes the sum. */
function checkCharacter(drawn: string): string | undefined {
  const sum = [...drawn].reduce((total, character, index) => total + ALPHABET.indexOf(character) * (2 * index + 1), 0)
  return sum < 0 ? undefined : ALPHABET[sum % ALPHABET.length]
}
