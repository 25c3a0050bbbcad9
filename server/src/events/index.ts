export {
  EVENT_KINDS,
  type EventCustomer,
  type EventKind,
  type EventNotice,
  type EventPayment,
  type EventPlace,
  type EventRefund,
  type OrderEvent,
} from './event.ts'
export { findEvent, getBacklog, readEvents } from './find-event.ts'
export { type EventReceiver, type HandOutOptions, handOutEvents } from './hand-out.ts'
export { type OrderMailContext, orderMails } from './order-mails.ts'
