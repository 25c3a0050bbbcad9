import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { newTransferTitle, readTransferTitle } from './title.ts'

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

describe('the title of a transfer', () => {
  test('is read again however it was typed', () => {
    const title = newTransferTitle()
    expect(title).toMatch(/^TP[0-9A-HJKMNP-TV-Z]{9}$/)
    const grouped = `${title.slice(0, 2)} ${title.slice(2, 6)}-${title.slice(6)}`
    for (const typed of [title, title.toLowerCase(), grouped, ` ${title}\n`])
      expect(readTransferTitle(typed)).toBe(title)
  })

  test('letters that look like digits are read as them', () => {
    // 0 and 1 drawn, so the check character is that of 00000001: 1 × 15.
    expect(readTransferTitle('TPOOOOOOOLF')).toBe('TP00000001F')
    expect(readTransferTitle('TPoooooooiF')).toBe('TP00000001F')
  })

  test('one wrong character is noticed, whichever it is', () => {
    const place = fc.nat(8)
    const other = fc.constantFrom(...ALPHABET)
    fc.assert(
      fc.property(place, other, (at, character) => {
        const title = newTransferTitle()
        const wrong = title.slice(0, at + 2) + character + title.slice(at + 3)
        return wrong === title || readTransferTitle(wrong) === undefined
      }),
    )
  })

  test.each(['', 'TP', 'TP123', 'hello', 'XX00000001F', 'TP00000001FF', 'TP0000000!F'])('%j is none', (text) =>
    expect(readTransferTitle(text)).toBeUndefined(),
  )
})
