import { expect, test } from 'vitest'
import { SANDBOX_POS } from '../points-of-sale.ts'
import { startWithShop } from '../testing/shop.ts'

test('pay methods have limits and a state, and a picture each', async () => {
  const { payu, shop } = await startWithShop({ pointsOfSale: [{ ...SANDBOX_POS, disabledMethods: ['m'] }] })
  const { status, body } = await shop.call('GET', '/paymethods?lang=pl')
  expect(status).toBe(200)
  expect(Object.keys(body)).toEqual(['cardTokens', 'pexTokens', 'blikTokens', 'payByLinks', 'status'])
  expect(body.status).toEqual({ statusCode: 'SUCCESS' })
  const [card] = body.payByLinks
  expect(card).toEqual({
    value: 'c',
    name: 'Card',
    brandImageUrl: `${payu.url}/brands/c.svg`,
    status: 'ENABLED',
    minAmount: 5,
    maxAmount: 99999999,
  })
  const state = (value: string) => body.payByLinks.find((method: { value: string }) => method.value === value)?.status
  expect([state('blik'), state('m'), state('plsb'), state('ppf')]).toEqual([
    'ENABLED',
    'DISABLED',
    'TEMPORARY_DISABLED',
    'DISABLED',
  ])
  const picture = await fetch(card.brandImageUrl)
  expect(picture.headers.get('content-type')).toBe('image/svg+xml')
})

test('pay methods of a POS in a currency without banks', async () => {
  const { shop } = await startWithShop({ pointsOfSale: [{ ...SANDBOX_POS, currency: 'HUF' }] })
  const { payByLinks } = (await shop.call('GET', '/paymethods/')).body
  expect(payByLinks.map(({ value }: { value: string }) => value)).toEqual(['c', 'ap', 'jp'])
})

test.each(['xx', '', 'PL', 'pl&lang=en'])('the language %j is refused', async (lang) => {
  const { shop } = await startWithShop()
  const refused = await shop.call('GET', `/paymethods?lang=${lang}`)
  expect([refused.status, refused.body.status.statusCode]).toEqual([400, 'ERROR_VALUE_INVALID'])
})

test('a shop has a name and a balance', async () => {
  const pointsOfSale = [
    { ...SANDBOX_POS, openingBalanceMinor: 1000 },
    { posId: '301', clientSecret: 's', secondKey: 'k' },
  ]
  const { payu, shop } = await startWithShop({ pointsOfSale })
  const orderId = await shop.createPaid(payu)
  await shop.call('POST', `/orders/${orderId}/refunds`, { refund: { description: 'x', amount: '999' } })
  expect((await shop.call('GET', '/shops/300746')).body).toEqual({
    shopId: '300746',
    name: 'Simulated shop 300746',
    currencyCode: 'PLN',
    balance: { currencyCode: 'PLN', total: '13000', available: '13000' },
  })
  expect((await shop.call('GET', '/shops/301')).status).toBe(403)
  expect((await shop.call('GET', '/shops/1')).status).toBe(404)
})

test('a stored card is deleted by a trusted merchant, and pays nothing any more', async () => {
  const { shop } = await startWithShop()
  const token = 'TOKC_4444333322221111'
  expect((await shop.call('DELETE', `/tokens/${token}`)).body.status.statusCode).toBe('UNAUTHORIZED_REQUEST')
  await shop.signIn({ grant_type: 'trusted_merchant', email: 'a@b.pl', ext_customer_id: '7' })
  expect((await shop.call('DELETE', `/tokens/${token}`)).status).toBe(204)
  expect((await shop.call('DELETE', `/tokens/${token}`)).status).toBe(404)
  const refused = await shop.create({ payMethods: { payMethod: { type: 'CARD_TOKEN', value: token } } })
  expect(refused.body.status.codeLiteral).toBe('INVALID_TOKEN')
})
