import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { camt02, camt08, PAYER_ACCOUNT, SHOP_ACCOUNT } from '../../../../../test/support/statements.ts'
import { readCamt053 } from './camt053.ts'
import { BadStatement } from './statement-line.ts'

const read = (text: string) => readCamt053(Buffer.from(text))
const good = camt02({ amount: '129.00', title: 'Zamówienie TP7K3M9QXAR & lampa' })

test.each([
  ['.02', camt02],
  ['.08, with a namespace prefix', camt08],
])('version %s', (_version, written) => {
  const statement = read(written({ amount: '129.00', title: 'Zamówienie TP7K3M9QXAR & lampa' }))
  expect(statement).toEqual({
    format: 'camt.053',
    notBooked: 0,
    warnings: [],
    lines: [
      {
        account: SHOP_ACCOUNT,
        bookedOn: '2026-11-20',
        kind: 'credit',
        amountMinor: 12_900,
        currency: 'PLN',
        title: 'Zamówienie TP7K3M9QXAR & lampa',
        payerName: 'Żaneta Wiśniewska',
        payerAccount: PAYER_ACCOUNT,
        bankReference: '02600110',
        endToEndId: '',
        lineNumber: 14,
      },
    ],
  })
})

describe('an entry', () => {
  const details = (...parts: string[]) =>
    good.replace(/<NtryDtls>[\s\S]*<\/NtryDtls>/, `<NtryDtls>${parts.join('')}</NtryDtls>`)
  const tx = (amount: string, title: string, more = '') =>
    `<TxDtls><Refs><AcctSvcrRef>B</AcctSvcrRef><EndToEndId>E-${title}</EndToEndId></Refs>${amount && `<Amt Ccy="PLN">${amount}</Amt>`}${more}<RmtInf><Ustrd>${title}</Ustrd></RmtInf></TxDtls>`

  test('of several transfers is these', () => {
    const { lines } = read(details(tx('100.00', 'one'), tx('29.00', 'two')))
    expect(lines.map(({ amountMinor, title, endToEndId }) => [amountMinor, title, endToEndId])).toEqual([
      [10_000, 'one', 'E-one'],
      [2_900, 'two', 'E-two'],
    ])
  })

  test('of transfers both ways is these, when they come to it', () => {
    const { lines } = read(details(tx('130.00', 'one'), tx('1.00', 'fee', '<CdtDbtInd>DBIT</CdtDbtInd>')))
    expect(lines.map(({ kind, amountMinor }) => [kind, amountMinor])).toEqual([
      ['credit', 13_000],
      ['debit', 100],
    ])
  })

  test.each([
    ['come to another sum', tx('100.00', 'one'), tx('28.99', 'two')],
    ['do not tell theirs', tx('', 'one'), tx('', 'two')],
  ])('whose transfers %s stays whole, with all titles', (_what, ...parts) => {
    const { lines } = read(details(...parts))
    expect(lines.map(({ amountMinor, title }) => [amountMinor, title])).toEqual([[12_900, 'one two']])
  })

  test('without details is told by what the bank says of it', () => {
    const { lines } = read(good.replace(/<NtryDtls>[\s\S]*<\/NtryDtls>/, '<AddtlNtryInf>TP7K3M9QXAR</AddtlNtryInf>'))
    expect(lines[0]).toMatchObject({ title: 'TP7K3M9QXAR', amountMinor: 12_900, payerName: '' })
  })

  test('with many lines of text and a structured reference has them all in its title', () => {
    const rmt =
      '<RmtInf><Ustrd>Zam</Ustrd><Ustrd><![CDATA[TP7K3 <M9QXAR>]]></Ustrd><Strd><CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf></Strd></RmtInf>'
    expect(read(good.replace(/<RmtInf>[\s\S]*<\/RmtInf>/, rmt)).lines[0]?.title).toBe(
      'Zam TP7K3 <M9QXAR> RF18539007547034',
    )
  })

  test.each([
    ['CRDT', 'false', 'credit'],
    ['DBIT', 'false', 'debit'],
    ['CRDT', 'true', 'debit-reversed'],
    ['DBIT', '1', 'credit-reversed'],
  ])('%s, reversal %s: %s', (way, reversal, kind) => {
    const text = good.replace(
      '<CdtDbtInd>CRDT</CdtDbtInd>',
      `<CdtDbtInd>${way}</CdtDbtInd><RvslInd>${reversal}</RvslInd>`,
    )
    expect(read(text).lines[0]?.kind).toBe(kind)
  })

  test.each(['<Sts>PDNG</Sts>', '<Sts><Cd>PDNG</Cd></Sts>', '<Sts>INFO</Sts>'])('%s is not booked yet', (status) => {
    expect(read(good.replace('<Sts>BOOK</Sts>', status))).toMatchObject({ lines: [], notBooked: 1 })
  })

  test.each([
    ['129', 12_900],
    ['129.5', 12_950],
    ['0129.50000', 12_950],
  ])('amount %s', (written, amountMinor) => {
    expect(read(good.replaceAll('129.00', written)).lines[0]?.amountMinor).toBe(amountMinor)
  })

  test('booked at a time of day is booked on that day', () => {
    const text = good.replace(
      '<BookgDt><Dt>2026-11-20</Dt></BookgDt>',
      '<BookgDt><DtTm>2026-11-19T23:30:00+01:00</DtTm></BookgDt>',
    )
    expect(read(text).lines[0]?.bookedOn).toBe('2026-11-19')
  })
})

test('several statements are read, each of its account', () => {
  const second = /<Stmt>[\s\S]*<\/Stmt>/.exec(good)?.[0].replace(SHOP_ACCOUNT, 'DE89370400440532013000') ?? ''
  const { lines } = read(good.replace('</BkToCstmrStmt>', `${second}</BkToCstmrStmt>`))
  expect(lines.map(({ account }) => account)).toEqual([SHOP_ACCOUNT, 'DE89370400440532013000'])
})

test('the encoding is the one that the file names', () => {
  const text = good.replace('UTF-8', 'ISO-8859-2')
  const table = new TextDecoder('iso-8859-2').decode(Uint8Array.from({ length: 256 }, (_, i) => i))
  const bytes = Buffer.from([...text].map((c) => table.indexOf(c)))
  expect(readCamt053(bytes).lines[0]?.payerName).toBe('Żaneta Wiśniewska')
  const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(good, 'utf16le')])
  expect(readCamt053(utf16).lines[0]?.payerName).toBe('Żaneta Wiśniewska')
})

describe('a bad file is refused with its line', () => {
  const bomb = `<!DOCTYPE Document [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>`
  const outside = `<!DOCTYPE Document [<!ENTITY x SYSTEM "file:///etc/passwd">]>`
  test.each([
    ['cut short', good.slice(0, -40), 21, /the XML is damaged \(.*\): download the file from the bank again/],
    ['a tag that closes another', good.replace('</Stmt>', '</Stat>'), 21, /the XML is damaged/],
    ['entities of its own', good.replace('<Document', `${bomb}<Document`), 2, /has a DOCTYPE/],
    ['entities from outside', good.replace('<Document', `${outside}<Document`), 2, /has a DOCTYPE/],
    ['an entity that is none', good.replace('lampa', '&nbsp;'), 18, /the XML is damaged/],
    ['no amount', good.replace('<Amt Ccy="PLN">129.00</Amt><Cdt', '<Cdt'), 8, /no amount we can read \(""\)/],
    ['a third decimal', good.replaceAll('129.00', '129.001'), 8, /no amount we can read \("129.001 PLN"\)/],
    ['no direction', good.replace('CRDT', 'CREDIT'), 8, /neither CRDT nor DBIT/],
    ['no day', good.replaceAll('2026-11-20</Dt>', '20.11.2026</Dt>'), 8, /no booking date/],
    ['no account', good.replace(/<Acct>.*?<\/Acct>/, '<Acct/>'), 5, /of which account/],
    [
      'a report of the day',
      good.replaceAll('BkToCstmrStmt', 'BkToCstmrAcctRpt').replaceAll('Stmt>', 'Rpt>'),
      3,
      /camt\.052/,
    ],
    ['a notification', '<a><BkToCstmrDbtCdtNtfctn/></a>', 1, /camt\.054/],
    ['another XML', '<html><body>Zaloguj się</body></html>', undefined, /no bank statement/],
    ['nested without end', '<a>'.repeat(70), 1, /nested too deep/],
    ['not what it says it is', good.replace('UTF-8', 'UTF-42'), 1, /says it is in UTF-42, and is not/],
  ])('%s', (_what, text, lineNumber, problem) => {
    const error = catchBad(() => read(text))
    expect([error.lineNumber, error.message]).toEqual([lineNumber, expect.stringMatching(problem)])
  })

  test('whatever bytes there are, they are read or refused', () => {
    const readOrRefused = (bytes: Buffer) => {
      try {
        readCamt053(bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(BadStatement)
      }
    }
    const bytes = Buffer.from(good)
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (some) => readOrRefused(Buffer.from(some))))
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(20), fc.string(), (at, length, instead) => {
        readOrRefused(Buffer.concat([bytes.subarray(0, at), Buffer.from(instead), bytes.subarray(at + length)]))
      }),
      { numRuns: 500 },
    )
  })
})

function catchBad(work: () => unknown): BadStatement {
  try {
    work()
  } catch (error) {
    if (error instanceof BadStatement) return error
    throw error
  }
  throw new Error('it was read')
}
