import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import Fastify from 'fastify'
import { describe, expect, onTestFinished, test } from 'vitest'
import { freePort } from '../../../scripts/free-port.mjs'
import { payuSimulator } from '../simulator.ts'
import { startPayuSimulator } from '../start.ts'
import { startWithShop } from '../testing/shop.ts'

function stateFile(): string {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'payu-simulator-'))
  onTestFinished(() => fs.rmSync(directory, { recursive: true }))
  return path.join(directory, 'state', 'payu.jsonl')
}

describe('a state file', () => {
  test('brings everything back after a restart: orders, what is due, used tokens, the clock', async () => {
    const file = stateFile()
    const { payu, shop } = await startWithShop({ stateFile: file })
    const token = { payMethods: { payMethod: { type: 'CARD_TOKEN', value: 'TOK_4444333322221111' } } }
    const paid = await shop.createOrder({ extOrderId: 'Z-1', ...token })
    await payu.settle()
    await shop.call('POST', `/orders/${paid}/refunds`, { refund: { description: 'x', amount: '1', extRefundId: 'r' } })
    shop.answer = () => 500
    const pending = await shop.createOrder()
    payu.act(pending, 'pay')
    await payu.settle()
    await payu.advance(10)
    const before = payu.orders()
    expect(before).toHaveLength(2)
    await payu.close()
    shop.received.length = 0

    const again = await startPayuSimulator({ stateFile: file, manual: true })
    onTestFinished(() => again.close())
    expect(again.orders()).toEqual(before)
    shop.payuUrl = again.url
    await shop.signIn()
    expect((await shop.create({ extOrderId: 'Z-1' })).body.status.code).toBe('110')
    expect((await shop.create(token)).body.status.codeLiteral).toBe('INVALID_TOKEN')
    shop.answer = () => 200
    await again.advance(50)
    expect(shop.told.toSorted()).toEqual(['COMPLETED', 'PENDING', 'refund FINALIZED'])
  })

  test('in a shop of the same process: what was not delivered is told once the shop listens', async () => {
    const file = stateFile()
    const { payu, shop } = await startWithShop({ stateFile: file })
    const app = Fastify({ forceCloseConnections: true })
    onTestFinished(() => app.close())
    const told: string[] = []
    const listening = await freePort()
    const orderId = await shop.createOrder({ notifyUrl: `http://127.0.0.1:${listening}/notify` })
    await shop.call('DELETE', `/orders/${orderId}`)
    await payu.close()

    const again = payuSimulator({ publicUrl: 'http://shop.test', stateFile: file })
    app.register(again.plugin, { prefix: '/payu' })
    app.post<{ Body: { order: { status: string } } }>('/notify', async ({ body }) => told.push(body.order.status))
    await app.ready()
    await app.listen({ host: '127.0.0.1', port: listening })
    await expect.poll(() => again.order(orderId).notifications[0]?.state, { timeout: 20_000 }).toBe('accepted')
    expect(again.order(orderId).notifications[0]?.attempts).toHaveLength(1)
    expect(told).toEqual(['CANCELED'])
  })

  test('is for its owner only, and begins anew with the last word of each order', async () => {
    const file = stateFile()
    const { payu, shop } = await startWithShop({ stateFile: file })
    await shop.createPaid(payu)
    expect(fs.statSync(file).mode & 0o777).toBe(0o600)
    expect(fs.readFileSync(file, 'utf8').split('\n').length).toBeGreaterThan(4)
    await payu.close()
    await (await startPayuSimulator({ stateFile: file })).close()
    expect(fs.statSync(file).mode & 0o777).toBe(0o600)
    expect(fs.readFileSync(file, 'utf8').split('\n')).toEqual([
      '{"advancedSeconds":0}',
      expect.stringMatching(/^\{"order":.*\}$/),
      '',
    ])
  })

  test('may end in a torn line: all before it is there', async () => {
    const file = stateFile()
    const { payu, shop } = await startWithShop({ stateFile: file })
    const orderId = await shop.createOrder()
    const before = payu.orders()
    await payu.close()
    const whole = fs.readFileSync(file)
    const torn = Buffer.from(`{"order":{"orderId":"${orderId}","description":"Ż`).subarray(0, -1)
    fs.writeFileSync(file, Buffer.concat([whole, torn]))
    const again = await startPayuSimulator({ stateFile: file, manual: true })
    onTestFinished(() => again.close())
    expect(again.orders()).toEqual(before)
    const next = await startPayuSimulator({ stateFile: file, manual: true })
    onTestFinished(() => next.close())
    expect(next.orders()).toEqual(before)
  })

  test('that is something else, or has another shop, is refused and left alone', async () => {
    const file = stateFile()
    fs.mkdirSync(path.dirname(file))
    fs.writeFileSync(file, '{"order":{}\nmy diary\n')
    await expect(startPayuSimulator({ stateFile: file })).rejects.toThrow(`${file}, line 1: this is not`)
    expect(fs.readFileSync(file, 'utf8')).toBe('{"order":{}\nmy diary\n')

    const other = stateFile()
    const { payu, shop } = await startWithShop({ stateFile: other })
    await shop.createOrder()
    await payu.close()
    const pointsOfSale = [{ posId: '301', clientSecret: 's', secondKey: 'k' }]
    await expect(startPayuSimulator({ stateFile: other, pointsOfSale })).rejects.toThrow(
      'of POS 300746, which is not here',
    )
  })
})
