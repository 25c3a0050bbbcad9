import type { EventReceiver } from '../events/index.ts'
import { insertDeliveries } from './webhooks.sql.ts'

/** Each event is to be sent to each endpoint that is on and asked for its kind. */
export const queueDeliveries: EventReceiver = async (tx, events) => {
  await insertDeliveries(
    tx,
    events.map(({ orderId }) => orderId),
    events.map(({ position }) => position),
    events.map(({ kind }) => kind),
  )
}
