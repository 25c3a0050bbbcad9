import { once } from 'node:events'
import { appendFileSync, utimesSync } from 'node:fs'
import { Agent, type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { ShopClient, send, signUp } from './support/shop-client.ts'
import { hangPicture, startShopServer, stockShop } from './support/shop-server.ts'

const server = await startShopServer()
afterAll(() => server.stop())
const TENT = { sku: 'tent', price: '3000.00', quantity: 10, picture: 'tent.svg' }
hangPicture(server, 'tent.svg', '<svg/>')
const { tent } = await stockShop(server.db, [TENT])

const ask = (path: string, tag?: string, method = 'GET') =>
  send(server.baseUrl, method, path, undefined, tag === undefined ? {} : { 'if-none-match': tag })

async function expectKept(path: string, cacheControl: string): Promise<string> {
  const first = await ask(path)
  const tag = first.headers.etag ?? ''
  expect([first.status, first.headers['cache-control']]).toEqual([200, cacheControl])
  expect(tag).toMatch(/^"[\w-]+"$/)
  for (const given of [tag, `W/${tag}`, `"another", ${tag}`, '*']) {
    for (const method of ['GET', 'HEAD']) {
      const again = await ask(path, given, method)
      expect([again.status, again.text, again.headers.etag]).toEqual([304, '', tag])
      expect([again.headers['cache-control'], again.headers.vary]).toEqual([cacheControl, undefined])
    }
  }
  expect((await ask(path, '"another"')).text).toBe(first.text)
  return tag
}

async function expectChanged(path: string, tag: string, quantity: number): Promise<string> {
  const answer = await ask(path, tag)
  expect(answer.status).toBe(200)
  expect((answer.body.results?.[0] ?? answer.body).quantity).toBe(quantity)
  expect(answer.headers.etag).not.toBe(tag)
  return answer.headers.etag ?? ''
}

test.each([['/api/products'], [`/api/products/${tent}`]])(
  '%s may be kept, and is another at once after a sale and after an import',
  async (path) => {
    await stockShop(server.db, [{ ...TENT, quantity: 10 }])
    const before = (await ask(path)).body
    const { quantity } = before.results?.[0] ?? before
    const tag = await expectKept(path, 'public, no-cache')
    const anna = new ShopClient(server.baseUrl)
    await signUp(anna, `anna-${path.length}`)
    await anna.post('/api/bucket', { product: tent, quantity: 2 })
    await anna.post('/api/orders', {})
    const sold = await expectChanged(path, tag, quantity - 2)
    await stockShop(server.db, [{ ...TENT, quantity: 50 }])
    await expectChanged(path, sold, 40 + quantity - 2)
  },
)

test('whoever asks gets the same answer, and nothing that is theirs with it', async () => {
  const anna = new ShopClient(server.baseUrl)
  await signUp(anna, 'anna')
  for (const path of ['/api/products', `/api/products/${tent}`]) {
    const [hers, strangers] = [await anna.get(path), await ask(path)]
    expect([hers.text, hers.headers.etag]).toEqual([strangers.text, strangers.headers.etag])
    expect(hers.headers['set-cookie']).toBe(undefined)
  }
})

test('a picture is kept for a while, and asked for after it', async () => {
  const path = `/api/products/${tent}/picture`
  const tag = await expectKept(path, 'public, max-age=300')
  hangPicture(server, 'tent.svg', '<svg id="x"/>')
  utimesSync(join(server.config.dataDir, 'pictures/tent.svg'), 1, 1)
  expect((await ask(path, tag)).text).toBe('<svg id="x"/>')
})

test('a picture that grows while it is sent does not run into the next answer', async () => {
  hangPicture(server, 'tent.svg', 'x'.repeat(40_000_000))
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const get = (path: string) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      request(server.baseUrl + path, { agent }, resolve)
        .on('error', reject)
        .end()
    })
  const picture = await get(`/api/products/${tent}/picture`)
  appendFileSync(join(server.config.dataDir, 'pictures/tent.svg'), 'y'.repeat(1_000))
  const { localPort } = picture.socket
  await once(picture.resume(), 'end')
  const next = await get('/health/live')
  expect([next.statusCode, next.socket.localPort]).toEqual([200, localPort])
  agent.destroy()
})

test('a refusal is no answer to keep', async () => {
  for (const path of ['/api/products?page=9', '/api/products/nothing', '/api/products/nothing/picture']) {
    const { status, headers } = await ask(path)
    expect([status, headers.etag, headers['cache-control']]).toEqual([404, undefined, 'no-store'])
  }
})
