import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findNearTitles, findTitles } from './find-titles.ts'
import { ALPHABET, newTransferTitle, readTransferTitle } from './title.ts'

describe('a title in what a payer wrote', () => {
  test.each([
    ['by itself', 'TP00000001F', ['TP00000001F']],
    ['in a sentence', 'Zapłata za zamówienie tp00000001f, dziękuję', ['TP00000001F']],
    ['cut in two by the bank', 'ZAMOWIENIE TP0000\n0001F Z DNIA 20.11', ['TP00000001F']],
    ['stuck to its neighbours', 'ZAMOWIENIETP00000001FDZIEKUJE', ['TP00000001F']],
    ['with separators', 'T.P-0000/0001 F', ['TP00000001F']],
    ['in a split payment', '/VAT/23,00/IDC/5231242681/INV/TP00000001F/TXT/lampa', ['TP00000001F']],
    ['in the text of one', '/VAT/23,00/IDC/5231242681/INV/FV1/TXT/TP 0000 0001 F', ['TP00000001F']],
    ['with letters for digits', 'TPOOOOOOOLF', ['TP00000001F']],
    ['twice', 'TP00000001F TP00000001F', ['TP00000001F']],
    ['beside another', 'TP00000001F i TP00000002Y', ['TP00000001F', 'TP00000002Y']],
    ['behind a false start', 'TPTP00000001F', ['TP00000001F']],
    ['with a wrong check character', 'TP00000001G', []],
    ['not there', 'Faktura 12/2026', []],
    ['nothing at all', '', []],
  ])('%s', (_where, text, titles) => expect(findTitles(text)).toEqual(titles))

  test('is found whatever the bank does to case, spaces and line breaks', () => {
    const noise = fc.stringMatching(/^[ \n\r\t/.,~+-]{0,3}$/)
    const around = fc.string({ unit: fc.constantFrom(...'abcdżółć 0123456789\n'), maxLength: 60 })
    fc.assert(
      fc.property(
        around,
        around,
        fc.array(noise, { minLength: 11, maxLength: 11 }),
        fc.nat(2047),
        (before, after, gaps, cases) => {
          const title = newTransferTitle()
          const printed = [...title].map((c, i) => ((cases >> i) & 1 ? c.toLowerCase() : c) + gaps[i]).join('')
          expect(findTitles(before + printed + after)).toContain(title)
        },
      ),
    )
  })

  test('of random texts none holds a title that was given out, and few what could be one', () => {
    const given = new Set(Array.from({ length: 1_000 }, newTransferTitle))
    const text = fc.string({
      unit: fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 '),
      minLength: 140,
      maxLength: 140,
    })
    const texts = fc.sample(text, { numRuns: 5_000, seed: 42 })
    const found = texts.flatMap(findTitles)
    expect(found.filter((title) => given.has(title))).toEqual([])
    expect(found.length).toBeLessThan(50)
  })

  test('never has another check character than its own', () => {
    fc.assert(
      fc.property(fc.nat(8), fc.constantFrom(...ALPHABET), (at, character) => {
        const title = newTransferTitle()
        const wrong = title.slice(0, at + 2) + character + title.slice(at + 3)
        return wrong === title || !findTitles(`za ${wrong}`).includes(wrong)
      }),
    )
  })
})

describe('a title with a slip in it', () => {
  const slips: readonly (readonly [string, (title: string, at: number) => string])[] = [
    ['a wrong character', (title, at) => title.slice(0, at) + (title[at] === 'Z' ? 'Y' : 'Z') + title.slice(at + 1)],
    ['a missing character', (title, at) => title.slice(0, at) + title.slice(at + 1)],
    ['a character too many', (title, at) => `${title.slice(0, at)}Z${title.slice(at)}`],
  ]
  test.each(slips)('%s: it is among the titles near to it', (_what, slip) => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 10 }), (at) => {
        const title = newTransferTitle()
        const wrong = slip(title, at)
        const read = findTitles(wrong)
        expect(read.includes(title) ? read : findNearTitles(wrong)).toContain(title)
      }),
    )
  })

  test('neighbours swapped', () => {
    expect(findNearTitles('TP0000010F')).not.toEqual([])
    expect(findNearTitles('TP00000010F')).toContain('TP00000001F')
  })

  test('is offered also where the slip happens to read like another title', () => {
    expect(findTitles('TPZMXKP2N2WV')).toEqual(['TPZMXKP2N2W'])
    expect(findNearTitles('TPZMXKP2N2WV')).toContain('TPMXKP2N2WV')
  })

  test('all that is offered could be a title, and none is what was read', () => {
    const near = findNearTitles('TP00000001G')
    expect(near).toContain('TP00000001F')
    for (const title of near) expect(readTransferTitle(title)).toBe(title)
    expect(findNearTitles('TP00000001F')).not.toContain('TP00000001F')
  })
})
