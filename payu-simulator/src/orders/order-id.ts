import { randomBytes, randomInt } from 'node:crypto'
import { warsawTime } from '../clock.ts'

const LETTERS = 'ABCDEFGHJKLMNPQRSTVWXZ0123456789'

/** Shaped like PayU's: ten characters, the day, `GUEST000P01`. */
export function newOrderId(now: number): string {
  const start = Array.from(randomBytes(10), (byte) => LETTERS[byte % LETTERS.length]).join('')
  return `${start}${warsawTime(now).slice(2, 10).replaceAll('-', '')}GUEST000P01`
}

export const newPaymentId = (): string => String(randomInt(100_000_000, 1_000_000_000))

/** Refund ids are numbers without an order. */
export function nextRefundId(taken: (id: string) => boolean): string {
  for (;;) {
    const id = String(randomInt(100_000, 10_000_000))
    if (!taken(id)) return id
  }
}
