import { Command, InvalidArgumentError } from 'commander'
import type { OrderId, RefundId } from '../../kernel/ids.ts'
import type { Minor } from '../../kernel/money.ts'
import { OperatorError } from '../../kernel/operator-error.ts'
import { Refused } from '../../kernel/refused.ts'
import { listProductsOf, type OrderRefusal, type Pieces } from '../../orders/index.ts'
import { type RefundOfOrder, refundOrder } from '../../payments/index.ts'
import type { Db } from '../../store/database.ts'
import { withStore } from '../run.ts'
import { explain, money, readAmount, readNote, readOrderId, readRefundId } from './words.ts'

interface Options {
  readonly amount?: Minor
  readonly return?: readonly Returned[]
  readonly note?: string
  readonly id?: RefundId
}

interface Returned {
  readonly sku: string
  readonly quantity: number
}

export function refundCommand(): Command {
  return new Command('refund')
    .description("send an order's money back, all of it or a part")
    .argument('<order>', "the order's uuid", readOrderId)
    .option(
      '--amount <sum>',
      'how much, such as 129.00; left out: what the returned pieces cost, else all that is left',
      readAmount,
    )
    .option('--return <sku=pieces...>', 'what goes back onto the shelf, such as --return TENT-2=1', readReturned)
    .option('--note <text>', 'why, for your own books', readNote)
    .option('--id <uuid>', 'an id of your own: the same one again changes nothing', readRefundId)
    .addHelpText(
      'after',
      `
An order whose pieces all go back onto the shelf is canceled. Its gateway sends the money; that of a transfer a person
sends, and says so with \`tradepost payments refunded <refund>\`.`,
    )
    .action(async (orderId: OrderId, { amount, return: returned = [], note, id }: Options) => {
      await withStore(async (_config, { db }) => {
        const pieces = await piecesOf(db, orderId, returned)
        const wish = { refundId: id, amountMinor: amount, returned: pieces, note }
        console.log(told(await refundOrder(db, orderId, wish).catch(explain)))
      })
    })
}

export function told({ id, status, method, amountMinor, currency, orderId, problem }: RefundOfOrder): string {
  const what = `${money(amountMinor, currency)} of order ${orderId}`
  if (status === 'done') return `${what} went back. Refund ${id}`
  if (status === 'failed') {
    return `${what} did not go back: ${problem ?? 'no reason was told'}. Once more: tradepost payments refund-again ${id}`
  }
  if (method === 'transfer') {
    return `${what} is to go back. Send it to the account it came from, then: tradepost payments refunded ${id}`
  }
  return `${what} is on its way back; the running server sends it. Refund ${id}`
}

async function piecesOf(db: Db, orderId: OrderId, returned: readonly Returned[]): Promise<Pieces[]> {
  if (returned.length === 0) return []
  const products = await listProductsOf(db, orderId)
  if (products.length === 0) return explain(new Refused<OrderRefusal>({ code: 'orders.not-found' }))
  return returned.map(({ sku, quantity }) => {
    const product = products.find((it) => it.sku === sku)
    if (product) return { productId: product.productId, quantity }
    const known = products.map((it) => it.sku).join(', ')
    throw new OperatorError(`Order ${orderId} has no ${sku}; it has: ${known}.`)
  })
}

function readReturned(text: string, before: readonly Returned[] = []): Returned[] {
  const [, sku, pieces = '1'] = /^(.+?)(?:=([1-9][0-9]{0,6}))?$/.exec(text) ?? []
  if (!sku || sku.includes('=')) throw new InvalidArgumentError('Write it like TENT-2=1.')
  return [...before, { sku, quantity: Number(pieces) }]
}
