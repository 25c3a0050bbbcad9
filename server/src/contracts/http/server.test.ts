import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { expect, test } from 'vitest'
import { makeServer } from './server.ts'

test('who goes away in the midst of a request still has an address', async () => {
  const app = makeServer({ logLevel: 'silent', trustProxy: 'loopback', replyTo: () => ({ status: 400, body: {} }) })
  const addresses: string[] = []
  app.post('/', async (request) => {
    await once(request.raw.socket, 'close')
    addresses.push(request.ip)
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n')
  setTimeout(() => socket.destroy(), 50)
  await expect.poll(() => addresses).toEqual(['127.0.0.1'])
  await app.close()
})

test('a request that comes while the server begins to stop is answered as any other, and the connection closed', async () => {
  const app = makeServer({ logLevel: 'silent', trustProxy: 'loopback', replyTo: () => ({ status: 400, body: {} }) })
  app.get('/', async () => 'here')
  const heard: unknown[] = []
  app.addHook('preClose', async () => {
    const answer = await fetch(address)
    heard.push(answer.status, answer.headers.get('connection'), await answer.text())
  })
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  await app.close()
  expect(heard).toEqual([200, 'close', 'here'])
})
