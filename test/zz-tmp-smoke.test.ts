import { expect, test } from 'vitest'
import { ShopClient, signUp } from './support/shop-client.ts'
import { startShopServer, stockShop } from './support/shop-server.ts'

test('smoke', async () => {
  const server = await startShopServer()
  const client = new ShopClient(server.baseUrl)
  const anna = await signUp(client, 'anna')
  const ids = await stockShop(server.db, [
    { sku: 'T-1', quantity: 3 },
    { sku: 'T-1', warehouse: 'north', quantity: 2 },
  ])
  expect((await client.get('/api/profile')).body.results[0].uuid).toBe(anna.uuid)
  const added = await client.post('/api/bucket', { product: ids['T-1'], quantity: 2 })
  console.log(added.status, added.text)
  const o = await client.post('/api/orders', { payment: 'card' })
  console.log(o.status, o.text)
  const p = await client.post(`/api/orders/${o.body.order_uuid}/payment`, { method: 'card' })
  console.log(p.status, p.text)
  console.log((await client.get(new URL(p.body.redirect_uri).pathname)).status)
  console.log(server.app.printRoutes({ commonPrefix: false }))
  console.log(JSON.stringify(server.app.swagger().paths?.['/api/orders/{order_uuid}/payment'], null, 1))
  const big = await client.post('/api/bucket', { product: 'x'.repeat(10e6), quantity: 2 })
  console.log(big.status, big.text, big.headers)
  await client.get('/api/logout')
  expect(client.cookies.size).toBe(0)
  await server.stop()
})
