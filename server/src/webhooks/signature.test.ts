import fc from 'fast-check'
import { Webhook, WebhookVerificationError } from 'standardwebhooks'
import { describe, expect, test } from 'vitest'
import { newSecret, showSecret, sign } from './signature.ts'

const ID = 'msg_01a1fb18-1cde-7342-be8c-4c9606f7aff4_1'
const headers = (signature: string, timestamp: number) => ({
  'webhook-id': ID,
  'webhook-timestamp': String(timestamp),
  'webhook-signature': signature,
})
const now = () => Math.floor(Date.now() / 1_000)

describe('a signature', () => {
  test("is the one of the scheme's own example", () => {
    const secret = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64')
    const signature = sign([secret], 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330, '{"test": 2432232314}')
    expect(signature).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
  })

  test('is good to whoever checks it with the published library, whatever was said', () => {
    fc.assert(
      fc.property(fc.json(), (body) => {
        const secret = newSecret()
        const timestamp = now()
        const signed = headers(sign([secret], ID, timestamp, body), timestamp)
        expect(new Webhook(showSecret(secret)).verify(body, signed)).toEqual(JSON.parse(body))
      }),
    )
  })

  test('of two secrets is good for either, and for no third', () => {
    const [old, young] = [newSecret(), newSecret()]
    const timestamp = now()
    const signed = headers(sign([young, old], ID, timestamp, '{}'), timestamp)
    for (const secret of [old, young]) expect(new Webhook(showSecret(secret)).verify('{}', signed)).toEqual({})
    expect(() => new Webhook(showSecret(newSecret())).verify('{}', signed)).toThrow(WebhookVerificationError)
  })

  test('is good for this body, this id and this time alone', () => {
    const secret = newSecret()
    const timestamp = now()
    const signed = headers(sign([secret], ID, timestamp, '{"a":1}'), timestamp)
    const check = (body: string, change = {}) => new Webhook(showSecret(secret)).verify(body, { ...signed, ...change })
    expect(check('{"a":1}')).toEqual({ a: 1 })
    expect(() => check('{"a":2}')).toThrow()
    expect(() => check('{"a":1}', { 'webhook-id': 'msg_x' })).toThrow()
    expect(() => check('{"a":1}', { 'webhook-timestamp': String(timestamp - 1) })).toThrow()
  })
})

test('a secret has 32 bytes and the prefix of the scheme, and no other is like it', () => {
  const shown = showSecret(newSecret())
  expect(shown).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
  expect(showSecret(newSecret())).not.toBe(shown)
})
