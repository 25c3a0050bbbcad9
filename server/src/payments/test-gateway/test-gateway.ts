import type { PaymentAttemptId } from '../../kernel/ids.ts'
import type { Minor } from '../../kernel/money.ts'
import type { Database, Db } from '../../store/database.ts'
import { statement, statementOne } from '../../store/statement.ts'
import type { PaymentGateway } from '../gateway.ts'
import type { PaymentNews } from '../payment.ts'

/** A payment as the test gateway knows it. It keeps its own books, as a real gateway would. */
export interface TestPayment {
  readonly attemptId: PaymentAttemptId
  readonly amountMinor: Minor
  readonly currency: string
  readonly status: 'waiting' | 'paid' | 'declined' | 'canceled'
  /** For the buyer. */
  readonly description: string
}

export const TEST_GATEWAY = 'test'

/**
 * Stands in for a card processor and PayU outside production, so that the whole flow can be walked: its page at
 * `payPage` has a button to pay and one to decline.
 */
export function makeTestGateway(db: Database, payPage: (attemptId: PaymentAttemptId) => string): PaymentGateway {
  return {
    name: TEST_GATEWAY,
    offers: async () => [{ method: 'card' }, { method: 'payu' }],
    async start({ attemptId, orderId, method, amountMinor, currency }) {
      await insertPayment(db, attemptId, amountMinor, currency, `Order ${orderId}, by ${method}`)
      return { redirectUri: payPage(attemptId), reference: attemptId }
    },
    async retrieve(attempt) {
      const payment = await findTestPayment(db, attempt.id)
      return payment && testNews(payment)
    },
    capture: async () => {},
    async cancel(attempt) {
      await decidePayment(db, attempt.id, 'canceled')
    },
    async refund({ attemptId, amountMinor }) {
      await refundPayment(db, attemptId, amountMinor)
      return { told: 'done' }
    },
    retrieveRefund: async () => undefined,
  }
}

/** What the gateway would tell the shop about this payment; undefined while it waits for the buyer. */
export function testNews({ attemptId, status, amountMinor, currency }: TestPayment): PaymentNews | undefined {
  return status === 'waiting'
    ? undefined
    : { gateway: TEST_GATEWAY, attemptId, event: status, told: status, amountMinor, currency }
}

const COLUMNS = `attempt_id as "attemptId", amount_minor as "amountMinor", currency, status, description`

export const findTestPayment: (db: Db, id: PaymentAttemptId) => Promise<TestPayment | undefined> = statementOne(
  'test-gateway.find-payment',
  `select ${COLUMNS} from test_gateway_payments where attempt_id = $1`,
)

/** The buyer's decision on the page. Only a waiting payment can be decided; undefined otherwise. */
export const decidePayment: (
  db: Db,
  id: PaymentAttemptId,
  status: 'paid' | 'declined' | 'canceled',
) => Promise<TestPayment | undefined> = statementOne(
  'test-gateway.decide-payment',
  `update test_gateway_payments set status = $2 where attempt_id = $1 and status = 'waiting' returning ${COLUMNS}`,
)

const insertPayment = statement<[PaymentAttemptId, Minor, string, string], Record<string, never>>(
  'test-gateway.insert-payment',
  `insert into test_gateway_payments (attempt_id, amount_minor, currency, description) values ($1, $2, $3, $4)
   on conflict do nothing`,
)

const refundPayment = statement<[PaymentAttemptId, Minor], Record<string, never>>(
  'test-gateway.refund-payment',
  `update test_gateway_payments set refunded_minor = $2 where attempt_id = $1`,
)
