import type { Database } from '../store/database.ts'
import { type Gateways, gatewayNamed, namesOf } from './gateway.ts'
import { lookAt } from './look-at.ts'
import type { PaymentAttempt } from './payment.ts'
import { takeAttemptsToLookAt } from './payments.sql.ts'

const MINUTE = 60
const HOUR = 60 * MINUTE
/** After how many seconds a silent attempt is asked about again, look by look; from then on always the last. */
const LADDER = [MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 6 * HOUR]
/** Asked at once; the gateway's client has connections for as many. */
const AT_ONCE = 10
const BATCHES_MAX = 20

/**
 * Asks the gateways about attempts nothing was heard of, and finishes there what was begun here and cut off: so that a
 * lost notification, a lost answer and a server that died cost time, never money. Correct however late it runs.
 *
 * @see docs/adr/0014
 */
export async function reconcile(
  db: Database,
  gateways: Gateways,
  onFailure: (attempt: PaymentAttempt, error: unknown) => void,
): Promise<{ attempts: number }> {
  const names = namesOf(gateways)
  let attempts = 0
  // A full batch is a backlog: it is not left to the next run. Each is moved on as it is taken, so this ends.
  for (let batch = 0; batch < BATCHES_MAX; batch++) {
    const due = await takeAttemptsToLookAt(db, names, LADDER, AT_ONCE)
    const looks = due.map(async (attempt) => {
      const gateway = gatewayNamed(gateways, attempt.gateway)
      if (gateway) await lookAt(db, gateway, attempt).catch((error) => onFailure(attempt, error))
    })
    await Promise.all(looks)
    attempts += due.length
    if (due.length < AT_ONCE) break
  }
  return { attempts }
}
