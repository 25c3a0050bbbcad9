import { newId, type OrderId, type ProductId, type RefundId } from '../server/src/kernel/ids.ts'
import { Refused } from '../server/src/kernel/refused.ts'
import {
  acceptHeld,
  bookBankLines,
  confirmRefund,
  confirmTransfer,
  importStatement,
  listBankLines,
  readStatement,
  refundAgain,
  refundOrder,
  settleBankLines,
} from '../server/src/payments/index.ts'
import { rowsOf } from '../test/support/books.ts'
import { camt02 } from '../test/support/statements.ts'
import type { Random } from './chance.ts'
import { anOrder } from './shopping.ts'
import { ordersIn, type World } from './world.ts'

/** What staff do, by the use-cases behind `tradepost …`, and what becomes of it in a few words. */
export type Clerking = (world: World, random: Random) => Promise<string>

export const CLERKING: Readonly<Record<string, { weight: number; does: Clerking }>> = {
  'imports a statement': { weight: 4, does: (world, random) => importTransfers(world, random.next() < 0.3 ? 4 : 0) },
  'settles bank lines': { weight: 2, does: settleLines },
  'confirms a transfer': { weight: 2, does: confirm },
  'accepts held money': { weight: 2, does: accept },
  refunds: { weight: 4, does: refund },
  'deals with a refund': { weight: 3, does: dealWithRefund },
  'brings goods': { weight: 5, does: bringGoods },
}

/** A refusal is an answer; whatever else is thrown is not. */
async function outcomeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'ok'
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return error.refusal.code
  }
}

/** @param again so many that were imported before are in the file, too */
export async function importTransfers({ db, bank }: World, again: number): Promise<string> {
  const lines = bank.transfers.slice(Math.max(0, bank.imported - again))
  bank.imported = bank.transfers.length
  if (lines.length === 0) return 'nothing came'
  const imported = await importStatement(db, readStatement(Buffer.from(camt02(...lines))))
  const count = (outcome: string) => imported.lines.filter((line) => line.outcome === outcome).length
  return `${count('booked')} booked, ${count('needs-a-person')} for a person, ${imported.known.count} known`
}

async function settleLines(world: World, random: Random): Promise<string> {
  const { db } = world
  const { items } = await listBankLines(db, { onlyOpen: true, limit: 50 })
  const line = items.at(random.between(0, 3))
  const known = anOrder(world, random.oneOf(world.shoppers).orders, random, ['to_pay'])
  const isOurs = random.next() < 0.6
  if (!line) return 'none open'
  if (!isOurs) return outcomeOf(settleBankLines(db, [line.id as number], 'sent back at the bank'))
  // Whose it is, a person sees; now and then wrongly.
  const [meant] = await rowsOf<{ order_id: string }>(
    db,
    `select order_id from payment_attempts where strpos($1, transfer_title) > 0 limit 1`,
    [line.title],
  )
  const orderId = meant?.order_id ?? known?.id
  return orderId ? outcomeOf(bookBankLines(db, [line.id as number], orderId as OrderId)) : 'no order'
}

async function confirm(world: World, random: Random): Promise<string> {
  const { db, staff } = world
  const titled = ordersIn(world).filter((it) => it.transfer)
  const known = anOrder(world, titled, random, ['to_pay'])
  if (!known?.transfer) return 'none awaited'
  const told = { of: known.transfer.title, amountMinor: random.next() < 0.2 ? known.sumMinor + 1 : undefined }
  staff.confirmed.add(known.id)
  return outcomeOf(confirmTransfer(db, told))
}

async function accept({ db, staff }: World): Promise<string> {
  const [held] = await rowsOf<{ order_id: OrderId; id: string }>(
    db,
    `select order_id, id from payment_attempts where status = 'held' and refunded_minor = 0 order by created_at limit 1`,
  )
  if (!held) return 'none held'
  staff.accepted.add(held.id)
  return outcomeOf(acceptHeld(db, held.order_id))
}

async function refund(world: World, random: Random): Promise<string> {
  const { db, staff } = world
  const known = anOrder(world, random.oneOf(world.shoppers).orders, random, ['paid'])
  const part = random.next()
  const share = random.next()
  if (!known) return 'no order'
  const lines = [...known.lines].map(([productId, quantity]) => ({ productId: productId as ProductId, quantity }))
  const [first] = lines
  const returned =
    part < 0.3 ? [] : part < 0.6 && first ? [{ ...first, quantity: Math.ceil(first.quantity * share) }] : lines
  const amountMinor = part < 0.15 ? Math.ceil(known.sumMinor * share * 1.2) : undefined
  staff.refunding.add(known.id)
  const wish = { refundId: newId<RefundId>(), amountMinor, returned }
  const outcome = await outcomeOf(refundOrder(db, known.id as OrderId, wish))
  // The same once more changes nothing.
  if (outcome === 'ok' && share < 0.3) await refundOrder(db, known.id as OrderId, wish)
  return `${returned.length === 0 ? 'money' : 'pieces'}: ${outcome}`
}

async function dealWithRefund({ db, staff }: World, random: Random): Promise<string> {
  const open = await rowsOf<{ id: RefundId; status: string }>(
    db,
    `select r.id, r.status from refunds r join payment_attempts a on a.id = r.attempt_id
      where (a.method = 'transfer' and r.status <> 'done')
         or (r.status = 'failed' and r.retried_as is null)
      order by r.created_at, r.amount_minor limit 5`,
  )
  const isSent = random.next() < 0.6
  const one = open.at(random.between(0, 2))
  if (!one) return 'none open'
  const isAgain = one.status === 'failed' && !isSent
  if (!isAgain) staff.sentByHand.add(one.id)
  return `${one.status}: ${await outcomeOf(isAgain ? refundAgain(db, one.id) : confirmRefund(db, one.id))}`
}

/** Counts anew what is there, changes a price, or takes a product off the shelf for a while. */
async function bringGoods({ db, shelf, terms }: World, random: Random): Promise<string> {
  const product = random.oneOf(shelf.products)
  const what = random.next()
  const onHand = new Map(product.onHand)
  const warehouse = random.oneOf([...onHand.keys()])
  const [stock] = await rowsOf<{ reserved: number }>(
    db,
    `select s.reserved from stock s join warehouses w on w.id = s.warehouse_id where s.product_id = $1 and w.name = $2`,
    [product.id, warehouse],
  )
  const pieces = Math.max(0, (stock?.reserved ?? 0) + random.between(-1, 9))
  const wanted =
    what < 0.7
      ? { ...product, onHand: onHand.set(warehouse, pieces) }
      : what < 0.85
        ? { ...product, priceMinor: random.between(1, 60_000) }
        : { ...product, isPublished: !product.isPublished || what < 0.95 }
  const isTooFew = what < 0.7 && pieces < (stock?.reserved ?? 0)
  try {
    await shelf.bring(db, wanted)
    return `${product.sku}: ${what < 0.7 ? `${pieces} in ${warehouse}` : what < 0.85 ? 'another price' : 'on or off the shelf'}`
  } catch (error) {
    // Pieces that are promised cannot be counted away.
    if (!(isTooFew || terms.atOnce > 1) || (error as Error).name !== 'ImportFailed') throw error
    return `${product.sku}: promised`
  }
}

/** By hand, whatever waits for a hand. */
export async function clearTheDesk(world: World): Promise<void> {
  await importTransfers(world, 0)
  const byHand = await rowsOf<{ id: RefundId }>(
    world.db,
    `select r.id from refunds r join payment_attempts a on a.id = r.attempt_id
      where a.method = 'transfer' and r.status <> 'done'`,
  )
  for (const { id } of byHand) await confirmRefund(world.db, id)
}
