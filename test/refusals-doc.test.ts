import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type AccountsRefusal, accountsFailure, accountsReplies } from '../server/src/contracts/accounts/refusals.ts'
import type { WireReply } from '../server/src/contracts/http/refusals.ts'
import { type ShopRefusal, shopFailure, shopReplies } from '../server/src/contracts/shop/refusals.ts'
import { type WhoamiRefusal, whoamiFailure, whoamiReplies } from '../server/src/contracts/whoami/refusals.ts'
import type { ProductId } from '../server/src/kernel/ids.ts'
import type { Refusal } from '../server/src/kernel/refused.ts'

type AnyRefusal = ShopRefusal | WhoamiRefusal | AccountsRefusal

// docs/refusals.md has a table for each contract and shows every reply of it, with the facts given here.
const SAMPLES: { [C in AnyRefusal['code']]: Omit<Extract<AnyRefusal, { code: C }>, 'code'> } = {
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
  'whoami.immutable': {},
  'whoami.cleared': { field: 'last_name' },
  'whoami.passwords-differ': {},
  'accounts.field-not-editable': {},
  'accounts.bad-form': {},
  'identity.not-signed-in': {},
  'identity.bad-jwt': { problem: 'expired' },
  'identity.session-not-found': {},
  'identity.username-is-an-email': {},
  'identity.wrong-credentials': {},
  'identity.customer-not-found': {},
  'identity.already-used': { fields: ['username', 'email'] },
  'identity.password-too-weak': {
    reasons: [{ weakness: 'too-common' }, { weakness: 'too-similar', field: 'username' }],
  },
  'identity.bad-token': {},
  'identity.password-needed': {},
  'identity.too-many-tries': { retryAfterSeconds: 300 },
  'identity.busy': { retryAfterSeconds: 1 },
  'identity.bad-avatar': { problem: 'too-many-pixels' },
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
  'orders.too-many-unpaid': { unpaidMax: 10 },
  'orders.sum-differs': { expectedMinor: 600_000, sumMinor: 650_000 },
  'orders.not-found': {},
  'orders.wrong-status': { status: 'paid' },
  'payments.method-not-offered': { method: 'payu', offered: ['transfer'] },
  'payments.blik-code-not-taken': { method: 'card' },
  'payments.blik-code-refused': {},
  'payments.charge-refused': { gateway: 'payu-300746' },
  'payments.not-chosen': {},
  'payments.gateway-failed': { gateway: 'test' },
}

const page = readFileSync(new URL('../docs/refusals.md', import.meta.url), 'utf8')

/** A contract's table on the page, what fills it, and how a cell shows a body. */
const CONTRACTS = [
  { heading: 'Shop', table: shopReplies, failure: shopFailure, bodyParts: shopParts },
  { heading: 'Whoami', table: whoamiReplies, failure: whoamiFailure, bodyParts: whoamiParts },
  { heading: 'Accounts', table: accountsReplies, failure: accountsFailure, bodyParts: accountsParts },
] as const

describe.each(CONTRACTS)('docs/refusals.md, $heading', ({ heading, table, failure, bodyParts }) => {
  const replies = table as unknown as Readonly<Record<string, (refusal: Refusal) => WireReply>>
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? ''
  const rows = [...section.matchAll(/^\| `([a-z-]+\.[a-z-]+)` +\| (.+?) +\| (.+?) +\|$/gm)].map(
    ([, code = '', when = '', reply = '']) => ({ code, when, reply }),
  )
  const cellOf = ({ status, headers = {}, body }: WireReply) =>
    [[status, ...Object.keys(headers).map(headerName)].join(', '), ...bodyParts(body as Body)].join(' · ')

  test('there is one row for every refusal the contract answers, and no other, in the same order', () => {
    expect(rows.map(({ code }) => code)).toEqual(Object.keys(replies))
  })

  test('each row shows exactly what is answered', () => {
    const answered = rows.map(({ code }) => {
      const reply = replies[code]?.({ code, ...SAMPLES[code as keyof typeof SAMPLES] })
      return [code, reply && cellOf(reply)]
    })
    expect(Object.fromEntries(rows.map(({ code, reply }) => [code, reply]))).toEqual(Object.fromEntries(answered))
  })

  test('it tells what is answered to a bug', () => {
    expect(section).toContain(`\n${cellOf(failure)}\n`)
  })

  test('it says of every code when it is met', () => {
    expect(rows.filter(({ when }) => when.trim().length < 10)).toEqual([])
  })
})

type Body = Readonly<Record<string, unknown>>

function headerName(name: string): string {
  return name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase()).replace('Www-', 'WWW-')
}

function shopParts({ code, message, detail, details }: Body): unknown[] {
  const more = detail === undefined ? details : detail
  return [
    code === undefined ? '–' : String(code),
    message,
    ...(more === null || more === message ? [] : [typeof more === 'string' ? more : jsonCode(more)]),
  ]
}

function whoamiParts({ status, message }: Body): unknown[] {
  return [status, message]
}

/** `{"detail": "…"}` as its text, whatever else as it is. */
function accountsParts(body: Body): unknown[] {
  return [typeof body.detail === 'string' ? body.detail : jsonCode(body)]
}

function jsonCode(body: unknown): string {
  return `\`${JSON.stringify(body)}\``
}
