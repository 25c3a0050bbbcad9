import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ing, mbank, PAYER_ACCOUNT, pko, SHOP_ACCOUNT } from '../../../../../test/support/statements.ts'
import { readMt940 } from './mt940.ts'
import { BadStatement } from './statement-line.ts'

const TITLE = 'Zamówienie nr 12 TP7K3M9QXAR, dziękuję za szybką wysyłkę'
const read = (text: string) => readMt940(Buffer.from(text))

const common = {
  account: SHOP_ACCOUNT,
  bookedOn: '2026-11-20',
  kind: 'credit',
  amountMinor: 12_900,
  currency: 'PLN',
  title: TITLE,
  payerAccount: PAYER_ACCOUNT,
  endToEndId: '',
}

describe('MT940 as banks write it', () => {
  test('mBank: ASCII 1, a subfield a line', () => {
    const { lines, warnings } = read(mbank({ amount: '129.00', title: TITLE }))
    const payerName = 'ŻANETA WIŚNIEWSKA UL. KRÓTKA 1 00-950 WARSZAW'
    expect(lines).toEqual([{ ...common, payerName, bankReference: 'BR26324100', lineNumber: 5 }])
    expect(warnings).toEqual([])
  })

  test('ING: :86: twice, the reference without slashes', () => {
    const { lines, warnings } = read(ing({ amount: '129.00', title: TITLE }))
    expect(lines).toEqual([{ ...common, payerName: 'ŻANETA WIŚNIEWSKA', bankReference: '97202028342', lineNumber: 5 }])
    expect(warnings).toEqual([])
  })

  test('PKO: subfields run on over the ends of lines', () => {
    const { lines, warnings } = read(pko({ amount: '129.00', title: TITLE }))
    expect(lines).toEqual([{ ...common, payerName: 'ŻANETA WIŚNIEWSKA', bankReference: '261120000', lineNumber: 5 }])
    expect(warnings).toEqual([])
  })

  test('several statements in one file, debits among the credits', () => {
    const file =
      mbank({ amount: '1.00', title: 'a' }, { amount: '2.50', title: 'b', way: 'DBIT' }) +
      ing({ amount: '3.00', title: 'c' })
    const { lines, warnings } = read(file)
    expect(lines.map(({ kind, amountMinor, title }) => [kind, amountMinor, title])).toEqual([
      ['credit', 100, 'a'],
      ['debit', 250, 'b'],
      ['credit', 300, 'c'],
    ])
    expect(warnings).toEqual([])
  })

  test.each([
    ['?', ['TEXT IN 20 THAT GOES ON IN', ' 21'], 'TEXT IN 20 THAT GOES ON IN 21'],
    ['<', ['TP7K3', 'M9QXAR'], 'TP7K3 M9QXAR'],
    ['+', ['TEL 48600', '100200'], 'TEL 48600 100200'],
    ['^', ['A~20B', ''], 'A~20B'],
  ])('subfields behind %s', (sign, [first = '', second = ''], title) => {
    const details = `020${sign}00X${sign}20${first}${sign}21${second}${sign}32JAN${sign}33NOWAK`
    const { lines } = read(statement(':61:2611201120C1,00NTRFNONREF', `:86:${details}`))
    expect([lines[0]?.title, lines[0]?.payerName]).toEqual([title, 'JAN NOWAK'])
  })

  test('the sign of subfields may stand in the title, a telephone number behind it', () => {
    const { lines } = read(statement(':61:2611201120C1,00NTRFNONREF', ':86:020+00X+20TEL +48600100200 +1021+32JAN'))
    expect([lines[0]?.title, lines[0]?.payerName]).toEqual(['TEL +48600100200 +1021', 'JAN'])
  })

  test.each([
    ['~3010901014', ''],
    ['~3010901014~311234567890', '1234567890'],
    ['~3010901014~3161109010140000071219812874', 'PL61109010140000071219812874'],
  ])('of %s the payer’s account is "%s": the number of a bank is none', (subfields, account) => {
    const { lines } = read(statement(':61:2611201120C1,00NTRFNONREF', `:86:020~00X~20TP7K3${subfields}~32JAN`))
    expect(lines[0]?.payerAccount).toBe(account)
  })

  test('free text is the title, and the second line of :61: where there is no :86:', () => {
    const { lines } = read(
      statement(
        ':61:2611201120C1,00NTRFNONREF',
        ':86:Wpłata TP7K3',
        'M9QXAR',
        ':61:2611201120C2,00NTRFNONREF//1',
        'GOTOWKA',
      ),
    )
    expect(lines.map(({ title }) => title)).toEqual(['Wpłata TP7K3 M9QXAR', 'GOTOWKA'])
  })

  test.each([
    [':61:2611201120C129,00NTRFOURREF//BANKREF', { kind: 'credit', bankReference: 'BANKREF', endToEndId: 'OURREF' }],
    [':61:2611201120D129,NTRFNONREF//0123456', { kind: 'debit', amountMinor: 12_900, bankReference: '0123456' }],
    [':61:261120RC129,5NTRFNONREF', { kind: 'credit-reversed', amountMinor: 12_950, bankReference: '' }],
    [':61:261120RDN129,05NTRFNONREF', { kind: 'debit-reversed', amountMinor: 12_905 }],
    [':61:2612310102C1,00NTRF', { bookedOn: '2027-01-02' }],
    [':61:2701011231C1,00NTRF', { bookedOn: '2026-12-31' }],
    [':61:2402290229C000000000001,00NTRF', { bookedOn: '2024-02-29', amountMinor: 100 }],
  ])('%s', (line, expected) => {
    expect(read(statement(line, ':86:x')).lines[0]).toMatchObject(expected)
  })

  test.each([
    ['/61109010140000071219812874', SHOP_ACCOUNT],
    ['PL61 1090 1014 0000 0712 1981 2874', SHOP_ACCOUNT],
    ['PL61109010140000071219812874PLN', SHOP_ACCOUNT],
    ['10020030/1234567', '10020030/1234567'],
  ])('the account %s', (written, account) => {
    const text = statement(':61:2611201120C1,00NTRF', ':86:x').replace(SHOP_ACCOUNT, written)
    expect(read(text).lines[0]?.account).toBe(account)
  })

  test("SWIFT's blocks around messages", () => {
    const plain = statement(':61:2611201120C1,00NTRF', ':86:x')
    const wrapped = `{1:F01BANKPLPWXXXX0000000000}{2:I940BANKPLPWXXXXN}{4:\n${plain}-}\n{1:F01}{2:I940}{4:${plain}-}{5:{CHK:1}}\n`
    expect(read(wrapped).lines).toHaveLength(2)
  })

  test('bookings that do not come to the closing balance are warned of', () => {
    const text = statement(':61:2611201120C1,00NTRF', ':86:x').replace(/:62F:.*/, ':62F:C261120PLN4,50')
    expect(read(text).warnings).toEqual([
      'The statement at line 1 does not add up: 3.50 PLN between its bookings and its closing balance. A booking may be missing from the file.',
    ])
  })
})

describe('the encoding is found out', () => {
  const text = ing({ amount: '1.00', title: 'TP7K3M9QXAR', from: 'ŻÓŁĆ GĘŚLĄ JAŹŃ sp. ąę' })
  test.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a mark', Buffer.from(`\uFEFF${text}`)],
    ['Windows-1250', inCodePage(text, 'windows-1250')],
    ['ISO-8859-2', inCodePage(text, 'iso-8859-2')],
    ['CP852', inCp852(text)],
  ])('%s', (_name, bytes) => {
    expect(readMt940(bytes).lines[0]?.payerName).toBe('ŻÓŁĆ GĘŚLĄ JAŹŃ sp. ąę')
  })
})

describe('a bad file is refused with its line', () => {
  const good = mbank({ amount: '1.00', title: 'a' }, { amount: '2.00', title: 'b' })
  test.each([
    ['cut short', good.slice(0, good.indexOf(':62F:')), 1, /cut short: download it again/],
    ['a second statement in an open one', good.replace(/:62F:.*\r\n/, '') + good, 1, /cut short/],
    ['an amount in letters', good.replace('N1,00S', 'Nx,00S'), 5, /the booking cannot be read: ":61:261120/],
    ['a third decimal', good.replace('N1,00S', 'N1,005S'), 5, /the booking cannot be read/],
    ['no such day', good.replace(':61:2611201120', ':61:2611310231'), 5, /the booking cannot be read/],
    ['a bad balance', good.replace('C261119PLN0,00', 'C261119zł0'), 4, /the balance cannot be read/],
    ['no account', good.replace(/:25:.*\r\n/, ''), 4, /outside a statement/],
    ['a booking behind the end', `${good}:61:2611201120C1,00NTRF\r\n`, 26, /outside a statement/],
    ['words before it', `Dzień dobry\r\n${good}`, 1, /belongs to no field: "Dzień dobry"/],
  ])('%s', (_what, text, lineNumber, problem) => {
    const error = catchBad(() => read(text))
    expect([error.lineNumber, error.message]).toEqual([lineNumber, expect.stringMatching(problem)])
  })

  test('whatever bytes there are, they are read or refused', () => {
    const tags = fc.constantFrom(
      ':20:',
      ':25:',
      ':60F:C261120PLN1,00',
      ':61:',
      ':86:',
      ':62F:C261120PLN1,00',
      '\n',
      '-}',
      '{1:',
      '~20',
    )
    const soup = fc.array(fc.oneof(tags, fc.string(), fc.string({ unit: 'binary' })), { maxLength: 40 })
    const readOrRefused = (bytes: Buffer) => {
      try {
        readMt940(bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(BadStatement)
      }
    }
    fc.assert(fc.property(soup, (parts) => readOrRefused(Buffer.from(parts.join('')))))
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => readOrRefused(Buffer.from(bytes))))
  })

  test('a good file with any byte lost or changed is read or refused, and never adds money without a word', () => {
    const bytes = Buffer.from(good)
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.option(fc.nat(255)), (at, value) => {
        const damaged =
          value === null
            ? Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)])
            : Buffer.concat([bytes.subarray(0, at), Buffer.from([value]), bytes.subarray(at + 1)])
        try {
          const { lines, warnings } = readMt940(damaged)
          const sum = lines.reduce((total, { amountMinor }) => total + amountMinor, 0)
          if (warnings.length === 0) expect(sum).toBe(300)
        } catch (error) {
          expect(error).toBeInstanceOf(BadStatement)
        }
      }),
      { numRuns: 500 },
    )
  })
})

test('lines far longer than any and many of them are read in time that grows with them', () => {
  const long = '~20'.repeat(200_000)
  const { lines } = read(
    statement(':61:2611201120C1,00NTRF', `:86:020~00${long}`, ':61:2611201120C2,00NTRF', `:86:${'x'.repeat(500_000)}`),
  )
  expect(lines).toHaveLength(2)
})

function statement(...bookings: string[]): string {
  const closing = bookings.some((line) => line.startsWith(':61:')) ? ':62F:C261120PLN1,00' : ''
  return `${[':20:1', `:25:${SHOP_ACCOUNT}`, ':28C:1', ':60F:C261119PLN0,00', ...bookings, closing].join('\n')}\n`
}

function catchBad(work: () => unknown): BadStatement {
  try {
    work()
  } catch (error) {
    if (error instanceof BadStatement) return error
    throw error
  }
  throw new Error('it was read')
}

function inCodePage(text: string, name: string): Buffer {
  const decoded = new TextDecoder(name).decode(Uint8Array.from({ length: 256 }, (_, i) => i))
  return Buffer.from([...text].map((c) => decoded.indexOf(c)))
}

/** The few letters of the text above, from the code page's table. */
function inCp852(text: string): Buffer {
  const codes: Readonly<Record<string, number>> = {
    ...{ Ż: 0xbd, Ó: 0xe0, Ł: 0x9d, Ć: 0x8f, Ę: 0xa8, Ś: 0x97, Ą: 0xa4, Ź: 0x8d, Ń: 0xe3, ą: 0xa5, ę: 0xa9 },
  }
  return Buffer.from([...text].map((c) => codes[c] ?? c.charCodeAt(0)))
}
