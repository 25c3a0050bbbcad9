import type { ProductId } from '../kernel/ids.ts'
import type { Minor } from '../kernel/money.ts'
import type { OrderStatus } from './order.ts'

/** Why orders may refuse. Short stock is the bucket's `bucket.not-enough`. */
export type OrderRefusal =
  | { code: 'orders.empty-bucket' }
  | { code: 'orders.too-many-unpaid'; unpaidMax: number } // pay or cancel one first
  | { code: 'orders.method-not-offered'; method: string }
  | { code: 'orders.mixed-currencies' } // the shop's currency was changed, and not all prices with it
  | { code: 'orders.sum-differs'; expectedMinor: Minor; sumMinor: Minor }
  | { code: 'orders.not-found' } // or somebody else's: nobody learns which
  | { code: 'orders.wrong-status'; status: OrderStatus }

/** What only staff are told. */
export type OrderStaffRefusal = { code: 'orders.not-so-many'; productId: ProductId; asked: number; held: number } // pieces the order still holds
