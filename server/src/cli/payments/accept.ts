import { Command } from 'commander'
import type { OrderId } from '../../kernel/ids.ts'
import { acceptHeld } from '../../payments/index.ts'
import { withStore } from '../run.ts'
import { explain, money, readOrderId } from './words.ts'

export function acceptCommand(): Command {
  return new Command('accept')
    .description('take money that was not the sum asked for as the payment of its order')
    .argument('<order>', "the order's uuid", readOrderId)
    .addHelpText('after', '\nThe other way is to send it back: `tradepost payments refund <order>`.')
    .action(async (orderId: OrderId) => {
      await withStore(async (_config, { db }) => {
        const { capturedMinor, currency } = await acceptHeld(db, orderId).catch(explain)
        console.log(`Order ${orderId} is paid, with ${money(capturedMinor, currency)}.`)
      })
    })
}
