export {
  awaitPayment,
  cancelLapsedOrders,
  getStanding,
  type LockedOrder,
  lockOrder,
  markCanceled,
  markPaid,
  type Pieces,
  returnPieces,
} from './move-order.ts'
export {
  DELIVERY_FIELDS,
  type Delivery,
  type HoldTerms,
  ORDER_MOVES,
  ORDER_STATUSES,
  type Order,
  type OrderDetails,
  type OrderLine,
  type OrderStatus,
  PAYMENT_METHODS,
  type PaymentMethod,
} from './order.ts'
export { listProductsOf } from './orders.sql.ts'
export { type OrderTerms, type OrderWish, placeOrder } from './place-order.ts'
export { getOrder, listOrders } from './read-orders.ts'
export type { OrderRefusal, OrderStaffRefusal } from './refusals.ts'
