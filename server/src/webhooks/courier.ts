import type { EndpointId } from '../kernel/ids.ts'
import type { Db } from '../store/database.ts'
import { type DeliveryTerms, deliverNext } from './deliver.ts'
import { listDueEndpoints } from './webhooks.sql.ts'

/** Sends what is due to all endpoints at once, each by itself: one that hangs or fails delays no other. */
export interface Courier {
  /** Goes to every endpoint that something is due for and that it is not at already; does not wait for them. */
  setOut(): Promise<void>
  /** All that was due when it last set out has been tried. */
  isBack(): Promise<void>
  /** Takes nothing more, and lets what is being sent come to its end. */
  stop(): Promise<void>
}

export interface CourierOptions {
  /** Breaks off what is being sent: it is as if it had not been tried. */
  readonly signal?: AbortSignal
  /** Told what went wrong on our own side; it is tried again when the courier next sets out. */
  readonly onError?: (error: unknown) => void
}

/** An endpoint that answers slowly should not keep all other orders waiting. */
const LANES = 4

export function makeCourier(
  db: Db,
  terms: DeliveryTerms,
  { signal = new AbortController().signal, onError = () => {} }: CourierOptions = {},
): Courier {
  const away = new Map<EndpointId, Promise<void>>()
  let isStopping = false

  async function lane(endpointId: EndpointId): Promise<void> {
    while (!isStopping && !signal.aborted && (await deliverNext(db, endpointId, terms, signal)));
  }

  async function visit(endpointId: EndpointId): Promise<void> {
    const results = await Promise.allSettled(Array.from({ length: LANES }, () => lane(endpointId)))
    const failed = results.find((result) => result.status === 'rejected')
    if (failed) onError(failed.reason)
    away.delete(endpointId)
  }

  return {
    async setOut() {
      if (isStopping) return
      for (const { id } of await listDueEndpoints(db)) {
        if (!away.has(id)) away.set(id, visit(id))
      }
    },
    async isBack() {
      await Promise.all(away.values())
    },
    async stop() {
      isStopping = true
      await Promise.all(away.values())
    },
  }
}
