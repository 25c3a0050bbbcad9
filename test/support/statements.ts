/** Bank statements as banks write them, with the transfers that a test wants in them. */
export interface Transfer {
  /** As printed: `129.00`. */
  readonly amount: string
  readonly title: string
  readonly from?: string
  readonly reference?: string
  /** `2026-11-20` when it is not said. */
  readonly bookedOn?: string
  /** `CRDT` when it is not said. */
  readonly way?: 'CRDT' | 'DBIT'
}

export const SHOP_ACCOUNT = 'PL61109010140000071219812874'
export const PAYER_ACCOUNT = 'PL27114020040000300201355387'

const PAYER = 'ŻANETA WIŚNIEWSKA'
const DAY = '2026-11-20'

const shortDay = ({ bookedOn = DAY }: Transfer) => bookedOn.slice(2).replaceAll('-', '')
const withComma = (amount: string) => amount.replace('.', ',')
const markOf = ({ way = 'CRDT' }: Transfer) => (way === 'CRDT' ? 'C' : 'D')

function closingBalance(transfers: readonly Transfer[]): string {
  let grosze = 0
  for (const { amount, way = 'CRDT' } of transfers)
    grosze += (way === 'CRDT' ? 1 : -1) * Number(amount.replace('.', ''))
  const digits = String(Math.abs(grosze)).padStart(3, '0')
  return `${grosze < 0 ? 'D' : 'C'}261120PLN${digits.slice(0, -2)},${digits.slice(-2)}`
}

/** Cut into subfields of so many characters, as banks do: in the middle of words. */
function pieces(text: string, length: number): string[] {
  return Array.from({ length: Math.ceil(text.length / length) }, (_, i) => text.slice(i * length, (i + 1) * length))
}

/** mBank: the block opens with ASCII 1, `~` parts subfields that each stand on a line, references behind `//`. */
export function mbank(...transfers: readonly Transfer[]): string {
  const lines = transfers.flatMap((transfer, i) => [
    `:61:${shortDay(transfer)}${shortDay(transfer).slice(2)}${markOf(transfer)}N${withComma(transfer.amount)}S034NONREF//${transfer.reference ?? `BR26324${100 + i}`}`,
    '034 PRZELEW WEWNETRZNY',
    ':86:034~00B6 PRZELEW WEWNĘTRZNY',
    ...pieces(transfer.title, 27).map((piece, at) => `~2${at}${piece}`),
    '~3011402004',
    '~310000300201355387',
    `~32${transfer.from ?? PAYER}`,
    '~33UL. KRÓTKA 1 00-950 WARSZAW',
    `~38${PAYER_ACCOUNT}`,
    '~60',
  ])
  return [
    '\x01:20:ST261120CYC/1',
    `:25:${SHOP_ACCOUNT}`,
    ':28C:324/1',
    ':60F:C261119PLN0,00',
    ...lines,
    `:62F:${closingBalance(transfers)}`,
    '',
  ].join('\r\n')
}

/** ING: `:86:` twice, the first only with the code; the bank's reference right behind the kind, no `//`. */
export function ing(...transfers: readonly Transfer[]): string {
  const lines = transfers.flatMap((transfer, i) => [
    `:61:${shortDay(transfer)}${shortDay(transfer).slice(2)}${markOf(transfer)}${withComma(transfer.amount)}S020${transfer.reference ?? 97202028342 + i}`,
    ':86:020',
    ':86:020~00VA99',
    ...pieces(transfer.title, 27).map((piece, at) => `~2${at}${piece}`),
    `~29${PAYER_ACCOUNT.slice(2)}`,
    '~3011402004',
    '~31300201355387',
    ...pieces(transfer.from ?? PAYER, 27).map((piece, at) => `~3${2 + at}${piece}`),
    '~34020',
  ])
  return [
    ':20:MT940',
    `:25:/${SHOP_ACCOUNT}`,
    ':28C:9',
    ':60F:C261119PLN0,00',
    ...lines,
    `:62F:${closingBalance(transfers)}`,
    ':64:C261120PLN0,00',
    '-',
    '',
  ].join('\r\n')
}

/** PKO and others: all subfields in one run that is cut into lines of 65 characters, wherever that falls. */
export function pko(...transfers: readonly Transfer[]): string {
  const lines = transfers.flatMap((transfer, i) => {
    const details = [
      '020',
      '~00',
      '020 PRZELEW',
      ...pieces(transfer.title, 27).map((piece, at) => `~2${at}${piece}`),
      `~30${'10205561'}`,
      '~31',
      `~32${transfer.from ?? PAYER}`,
      `~38${PAYER_ACCOUNT}`,
    ].join('')
    return [
      `:61:${shortDay(transfer)}${shortDay(transfer).slice(2)}${markOf(transfer)}N${withComma(transfer.amount)}NTRFNONREF//${transfer.reference ?? `26112000${i}`}`,
      ...pieces(`:86:${details}`, 65),
    ]
  })
  return [
    ':20:MT940',
    `:25:/${SHOP_ACCOUNT}`,
    ':28C:10',
    ':60F:C261119PLN0,00',
    ...lines,
    `:62F:${closingBalance(transfers)}`,
    '',
  ].join('\n')
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

/** Version .02: status as text, the payer's name in `Dbtr/Nm`. */
export function camt02(...transfers: readonly Transfer[]): string {
  return camt('02', transfers, {
    status: 'BOOK',
    payer: (name) => `<Dbtr><Nm>${name}</Nm><PstlAdr><AdrLine>ul. Krótka 1</AdrLine></PstlAdr></Dbtr>`,
    reference: (reference) => `<AcctSvcrRef>${reference}</AcctSvcrRef>`,
    prefix: '',
  })
}

/** Version .08: status as a code, the payer's name in `Dbtr/Pty/Nm`; with a namespace prefix, as some banks write it. */
export function camt08(...transfers: readonly Transfer[]): string {
  const plain = camt('08', transfers, {
    status: '<Cd>BOOK</Cd>',
    payer: (name) => `<Dbtr><Pty><Nm>${name}</Nm></Pty></Dbtr>`,
    reference: (reference) => `<AcctSvcrRef>${reference}</AcctSvcrRef>`,
    prefix: ':ns2',
  })
  return plain.replace(/<(\/?)(?=[A-Z])/g, '<$1ns2:')
}

interface CamtStyle {
  readonly status: string
  readonly payer: (name: string) => string
  readonly reference: (reference: string) => string
  readonly prefix: string
}

function camt(
  version: string,
  transfers: readonly Transfer[],
  { status, payer, reference, prefix }: CamtStyle,
): string {
  const entries = transfers.map(
    ({ amount, title, from = 'Żaneta Wiśniewska', reference: ref, bookedOn = DAY, way = 'CRDT' }, i) => `
      <Ntry>
        <NtryRef>${i + 1}</NtryRef>
        <Amt Ccy="PLN">${amount}</Amt><CdtDbtInd>${way}</CdtDbtInd><Sts>${status}</Sts>
        <BookgDt><Dt>${bookedOn}</Dt></BookgDt><ValDt><Dt>${bookedOn}</Dt></ValDt>
        ${reference(ref ?? `0260011${i}`)}
        <BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>DMCT</SubFmlyCd></Fmly></Domn></BkTxCd>
        <NtryDtls><TxDtls>
          <Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>
          <AmtDtls><TxAmt><Amt Ccy="PLN">${amount}</Amt></TxAmt></AmtDtls>
          <RltdPties>${payer(escaped(from))}<DbtrAcct><Id><IBAN>${PAYER_ACCOUNT}</IBAN></Id></DbtrAcct></RltdPties>
          <RmtInf><Ustrd>${escaped(title)}</Ustrd></RmtInf>
        </TxDtls></NtryDtls>
      </Ntry>`,
  )
  return `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns${prefix}="urn:iso:std:iso:20022:tech:xsd:camt.053.001.${version}">
  <BkToCstmrStmt>
    <GrpHdr><MsgId>20261120</MsgId><CreDtTm>2026-11-20T23:59:00</CreDtTm></GrpHdr>
    <Stmt>
      <Id>324</Id><CreDtTm>2026-11-20T23:59:00</CreDtTm>
      <Acct><Id><IBAN>${SHOP_ACCOUNT}</IBAN></Id><Ccy>PLN</Ccy></Acct>${entries.join('')}
    </Stmt>
  </BkToCstmrStmt>
</Document>
`
}
