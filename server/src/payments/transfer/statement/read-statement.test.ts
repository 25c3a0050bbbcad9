import { describe, expect, test } from 'vitest'
import { camt02, camt08, ing, mbank, pko } from '../../../../../test/support/statements.ts'
import { readStatement, STATEMENT_BYTES_MAX } from './read-statement.ts'

const transfer = { amount: '129.00', title: 'TP7K3M9QXAR' }

describe('the format is found out by what is in the file', () => {
  test.each([
    ['mBank', mbank(transfer), 'mt940'],
    ['ING', ing(transfer), 'mt940'],
    ['PKO', pko(transfer), 'mt940'],
    ["MT940 in SWIFT's blocks", `{1:F01BANKPLPW}{2:I940}{4:\n${pko(transfer)}-}`, 'mt940'],
    ['empty lines before', `\r\n\r\n${pko(transfer)}`, 'mt940'],
    ['CAMT.053.001.02', camt02(transfer), 'camt.053'],
    ['CAMT.053.001.08', camt08(transfer), 'camt.053'],
  ])('%s', (_name, text, format) => {
    const utf16 = Buffer.from(`\uFEFF${text}`, 'utf16le')
    for (const bytes of [Buffer.from(text), Buffer.from(`\uFEFF${text}`), utf16]) {
      const statement = readStatement(bytes)
      expect([statement.format, statement.lines.map(({ title }) => title)]).toEqual([format, ['TP7K3M9QXAR']])
    }
  })
})

test.each([
  ['nothing', Buffer.alloc(0), /neither a CAMT.053 nor an MT940/],
  ['a table', Buffer.from('data;kwota;tytuł\n'), /neither a CAMT.053 nor an MT940/],
  ['a zip', Buffer.from('PK\x03\x04'), /is a zip: unpack it/],
  ['a gzip', Buffer.from([0x1f, 0x8b, 8]), /compressed \(gzip\)/],
  ['a PDF', Buffer.from('%PDF-1.7\n'), /is a PDF/],
  ['a web page', Buffer.from('<!DOCTYPE html><html></html>'), /has a DOCTYPE/],
  ['too much', Buffer.alloc(STATEMENT_BYTES_MAX + 1, ' '), /larger than 64 MB: download the statement for fewer days/],
])('%s is refused with what to do', (_what, bytes, problem) => {
  expect(() => readStatement(bytes)).toThrow(problem)
})
