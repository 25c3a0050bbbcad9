import type { Db } from '../store/database.ts'
import type { EventPlace, OrderEvent } from './event.ts'
import * as sql from './events.sql.ts'

/** An event with all that is told of it, whether or not it was handed out. */
export async function findEvent(db: Db, { orderId, position }: EventPlace): Promise<OrderEvent | undefined> {
  const row = await sql.findEvent(db, orderId, position)
  return row && toEvent(row)
}

/** The events with all that is told of them, in the order they are asked for. */
export async function readEvents(db: Db, places: readonly EventPlace[]): Promise<OrderEvent[]> {
  const rows = await sql.listEvents(
    db,
    places.map(({ orderId }) => orderId),
    places.map(({ position }) => position),
  )
  return rows.map(toEvent)
}

function toEvent({ order, orderCreatedAt, orderPaidAt, ...event }: sql.EventRow): OrderEvent {
  return { ...event, order: { ...order, createdAt: orderCreatedAt, paidAt: orderPaidAt } }
}

/** How many events wait to be handed out, since when, and how many of them could not be. */
export async function getBacklog(db: Db): Promise<sql.Backlog> {
  return (await sql.findBacklog(db)) as sql.Backlog
}
