import encodeQr from 'qr'
import type { Minor } from '../../kernel/money.ts'
import { toDecimal } from '../../kernel/money.ts'
import type { TransferAccount } from './transfer-gateway.ts'

/** A code that a banking app reads as a filled-in transfer. */
export interface TransferCode {
  readonly format: 'epc' | 'zbp'
  /** What is drawn. */
  readonly text: string
  /** The drawing, an SVG image. */
  readonly svg: string
}

interface Transfer {
  readonly account: TransferAccount
  readonly amountMinor: Minor
  readonly currency: string
  readonly title: string
}

/**
 * The code for this transfer: the European one (EPC069-12, "GiroCode") carries euros only, so a transfer in złoty to a
 * Polish account gets the code of the Polish banks' association (2D code, 2013). Undefined where neither can carry it.
 */
export function transferCode(transfer: Transfer): TransferCode | undefined {
  const text = transfer.currency === 'EUR' ? epcText(transfer) : zbpText(transfer)
  if (text === undefined) return undefined
  const format = transfer.currency === 'EUR' ? 'epc' : 'zbp'
  const svg = encodeQr(text, 'svg', { ecc: format === 'epc' ? 'medium' : 'low', border: 4 })
  return { format, text, svg }
}

const EPC_AMOUNT_MINOR_MAX = 99_999_999_999

function epcText({ account, amountMinor, title }: Transfer): string | undefined {
  if (amountMinor > EPC_AMOUNT_MINOR_MAX) return undefined
  const name = account.name.slice(0, 70)
  // Service tag, version 002 (no BIC needed), UTF-8, credit transfer; purpose and structured reference stay empty.
  return [
    'BCD',
    '002',
    '1',
    'SCT',
    account.bic,
    name,
    account.iban,
    `EUR${toDecimal(amountMinor)}`,
    '',
    '',
    title,
  ].join('\n')
}

const ZBP_AMOUNT_MINOR_MAX = 999_999

function zbpText({ account, amountMinor, currency, title }: Transfer): string | undefined {
  if (currency !== 'PLN' || !account.iban.startsWith('PL') || amountMinor > ZBP_AMOUNT_MINOR_MAX) return undefined
  const payee = account.name.replaceAll('|', ' ').slice(0, 20)
  return ['', 'PL', account.iban.slice(2), String(amountMinor).padStart(6, '0'), payee, title, '', '', ''].join('|')
}
