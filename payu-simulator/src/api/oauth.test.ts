import { describe, expect, test } from 'vitest'
import { read, startWithShop } from '../testing/shop.ts'

const PATH = '/pl/standard/user/oauth/authorize'

describe('a token', () => {
  test('is issued for client_credentials', async () => {
    const { shop } = await startWithShop()
    const { status, body } = await shop.signIn()
    expect(status).toBe(200)
    expect(body).toEqual({
      access_token: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      token_type: 'bearer',
      expires_in: 43199,
      grant_type: 'client_credentials',
    })
    expect((await shop.call('GET', '/paymethods')).status).toBe(200)
  })

  test('for a trusted merchant needs to know the customer', async () => {
    const { shop } = await startWithShop()
    const bare = await shop.signIn({ grant_type: 'trusted_merchant' })
    expect([bare.status, bare.body.error]).toEqual([400, 'invalid_request'])
    const known = await shop.signIn({ grant_type: 'trusted_merchant', email: 'a@b.pl', ext_customer_id: '7' })
    expect([known.status, known.body.grant_type]).toEqual([200, 'trusted_merchant'])
  })

  test.each([
    ['a wrong secret', { client_secret: 'wrong' }, 401, 'invalid_client'],
    ['an unknown client', { client_id: '999' }, 401, 'invalid_client'],
    ['an unknown grant', { grant_type: 'password' }, 400, 'unsupported_grant_type'],
    ['no grant', { grant_type: '' }, 400, 'invalid_request'],
  ])("is refused for %s, in OAuth's shape", async (_case, change, status, error) => {
    const { shop } = await startWithShop()
    const refused = await shop.signIn(change as Record<string, string>)
    expect(refused.status).toBe(status)
    expect(refused.body).toEqual({ error, error_description: expect.any(String) })
  })

  test('is refused to anything but a form', async () => {
    const { payu } = await startWithShop()
    const json = JSON.stringify({ grant_type: 'client_credentials', client_id: '300746', client_secret: 'x' })
    for (const type of ['application/json', 'text/plain']) {
      const answered = await read(
        await fetch(payu.url + PATH, { method: 'POST', headers: { 'content-type': type }, body: json }),
      )
      expect([answered.status, answered.body.error]).toEqual([401, 'unauthorized'])
    }
    expect((await fetch(payu.url + PATH, { method: 'POST' })).status).toBe(401)
  })

  test('ends: another body says so', async () => {
    const { payu, shop } = await startWithShop()
    await payu.advance(43_198)
    expect((await shop.call('GET', '/paymethods')).status).toBe(200)
    await payu.advance(1)
    const expired = await shop.call('GET', '/paymethods')
    expect(expired.status).toBe(401)
    expect(expired.body).toEqual({ error: 'invalid_token', error_description: 'Access token expired' })
    await shop.signIn()
    expect((await shop.call('GET', '/paymethods')).status).toBe(200)
  })

  test('is asked for by everything, before the body is looked at', async () => {
    const { shop } = await startWithShop()
    shop.token = 'nobody'
    const calls = [
      ['POST', '/orders'],
      ['GET', '/orders/X'],
      ['GET', '/orders/X/transactions'],
      ['POST', '/orders/X/captures'],
      ['PUT', '/orders/X/status'],
      ['DELETE', '/orders/X'],
      ['POST', '/orders/X/refunds'],
      ['GET', '/orders/X/refund/1'],
      ['GET', '/paymethods'],
      ['GET', '/shops/300746'],
      ['DELETE', '/tokens/X'],
      ['GET', '/nothing'],
    ] as const
    for (const [method, path] of calls) {
      const refused = await shop.call(method, path, method === 'POST' ? 'not JSON' : undefined)
      expect(refused.status).toBe(401)
      expect(refused.headers.get('correlation-id')).toMatch(/^[0-9a-f-]{36}$/)
      expect(refused.body).toEqual({
        status: {
          statusCode: 'UNAUTHORIZED',
          severity: 'ERROR',
          code: '401',
          codeLiteral: 'INVALID_OR_MISSING_ACCESS_TOKEN',
          statusDesc: expect.any(String),
        },
      })
    }
  })

  test('is remembered without its secret', async () => {
    const { payu } = await startWithShop()
    expect(payu.requests.map(({ call, body, httpStatus }) => ({ call, body, httpStatus }))).toEqual([
      { call: 'oauth', body: 'grant_type=client_credentials&client_id=300746&client_secret=…', httpStatus: 200 },
    ])
  })
})
