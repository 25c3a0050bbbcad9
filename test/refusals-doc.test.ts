import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { WireReply } from '../server/src/contracts/http/refusals.ts'
import { type ShopRefusal, shopFailure, shopReplies } from '../server/src/contracts/shop/refusals.ts'
import type { ProductId } from '../server/src/kernel/ids.ts'
import type { Refusal } from '../server/src/kernel/refused.ts'

// docs/refusals.md shows every reply as `status, headers · code · message · details`, with the facts given here.
const SAMPLES: { [C in ShopRefusal['code']]: Omit<Extract<ShopRefusal, { code: C }>, 'code'> } = {
  'http.invalid': { problems: { email: ['Enter a valid email address.'] } },
  'http.malformed': { problem: 'JSON parse error - the body is not valid JSON.' },
  'http.bad-request': { problem: 'Bad request.' },
  'http.media-type': { mediaType: 'text/plain' },
  'http.too-large': {},
  'http.not-found': {},
  'http.page-not-found': {},
  'http.method-not-allowed': { method: 'PATCH', allowed: ['GET'] },
  'http.csrf-missing': {},
  'http.csrf-incorrect': {},
  'http.cross-site': {},
  'http.key-reused': {},
  'http.unavailable': { retryAfterSeconds: 2 },
  'shop.profile-name-taken': { fields: ['email'] },
  'identity.not-signed-in': {},
  'identity.username-is-an-email': {},
  'identity.wrong-credentials': {},
  'identity.customer-not-found': {},
  'identity.already-used': { fields: ['username', 'email'] },
  'identity.password-too-weak': {
    reasons: [{ weakness: 'too-common' }, { weakness: 'too-similar', field: 'username' }],
  },
  'identity.too-many-tries': { retryAfterSeconds: 300 },
  'identity.busy': { retryAfterSeconds: 1 },
  'catalogue.product-not-found': {},
  'catalogue.picture-not-found': {},
  'bucket.already-in': { productId: 'UUID' as ProductId },
  'bucket.not-available': { productId: 'UUID' as ProductId },
  'bucket.not-enough': { lines: [{ productId: 'UUID' as ProductId, asked: 3, available: 1 }] },
  'bucket.full': { linesMax: 100 },
  'bucket.line-not-found': {},
  'orders.method-not-offered': { method: 'payu' },
  'orders.mixed-currencies': {},
  'orders.empty-bucket': {},
  'orders.sum-differs': { expectedMinor: 600_000, sumMinor: 650_000 },
  'orders.not-found': {},
  'orders.wrong-status': { status: 'paid' },
  'payments.method-not-offered': { method: 'payu', offered: ['transfer'] },
  'payments.not-chosen': {},
  'payments.gateway-failed': { gateway: 'test' },
}

const replies = shopReplies as unknown as Readonly<Record<string, (refusal: Refusal) => WireReply>>
const page = readFileSync(new URL('../docs/refusals.md', import.meta.url), 'utf8')
const rows = [...page.matchAll(/^\| `([a-z-]+\.[a-z-]+)` +\| (.+?) +\| (.+?) +\|$/gm)].map(([, code, when, shop]) => ({
  code,
  when,
  shop,
}))

test('docs/refusals.md has one row for every refusal the shop contract answers, and no other, in the same order', () => {
  expect(rows.map(({ code }) => code)).toEqual(Object.keys(shopReplies))
})

test('docs/refusals.md shows exactly what the shop contract answers to each', () => {
  const shown = Object.fromEntries(rows.map(({ code, shop }) => [code, shop]))
  const answered = Object.entries(SAMPLES).map(([code, facts]) => {
    const reply = replies[code]?.({ code, ...facts })
    return [code, reply && cellOf(reply)]
  })
  expect(shown).toEqual(Object.fromEntries(answered))
})

test('docs/refusals.md tells what the shop contract answers to a bug', () => {
  expect(page).toContain(`\n${cellOf(shopFailure)}\n`)
})

test('docs/refusals.md says of every code when it is met', () => {
  expect(rows.filter(({ when }) => !when || when.trim().length < 10)).toEqual([])
})

function cellOf({ status, headers = {}, body }: WireReply): string {
  const { code, message, detail, details } = body as Readonly<Record<string, unknown>>
  const names = Object.keys(headers).map((name) => name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase()))
  const more = detail === undefined ? details : detail
  return [
    [status, ...names].join(', '),
    code === undefined ? '–' : String(code),
    message,
    ...(more === null || more === message ? [] : [typeof more === 'string' ? more : `\`${JSON.stringify(more)}\``]),
  ].join(' · ')
}
