import { describe, expect, test } from 'vitest'
import { startWithShop } from '../testing/shop.ts'

const json = (body: unknown): RequestInit => ({
  method: 'POST',
  redirect: 'manual',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})
const form = (fields: Record<string, string>): RequestInit => ({
  method: 'POST',
  redirect: 'manual',
  body: new URLSearchParams(fields),
})

describe('over HTTP', () => {
  test('faults are switched on, listed and taken off', async () => {
    const { payu, shop } = await startWithShop()
    const faults = `${payu.url}/_simulator/faults`
    const added = await fetch(faults, json({ kind: 'error', on: 'create', times: 1 }))
    expect([added.status, await added.json()]).toEqual([201, { id: 1 }])
    expect(await (await fetch(faults)).json()).toEqual([
      { id: 1, left: 1, fault: { kind: 'error', on: 'create', when: 'before', httpStatus: 500, times: 1 } },
    ])
    expect((await shop.create()).status).toBe(500)
    await fetch(faults, json({ kind: 'silence' }))
    expect((await fetch(`${faults}/2`, { method: 'DELETE' })).status).toBe(204)
    expect((await fetch(`${faults}/2`, { method: 'DELETE' })).status).toBe(404)
    await fetch(faults, json({ kind: 'silence' }))
    expect((await fetch(faults, { method: 'DELETE' })).status).toBe(204)
    expect(payu.faults.list()).toEqual([])
  })

  test.each([
    [json({ kind: 'nonsense' }), /^kind: one of error, /],
    [json([]), /^kind: one of/],
    [json('x'), /^the body is not a JSON object$/],
    [{ ...json({}), body: '{' }, /^the body is not a JSON object$/],
    [form({ kind: 'slow', seconds: 'soon' }), /^seconds: /],
  ])('a fault that cannot be is refused in words', async (request, words) => {
    const { payu } = await startWithShop()
    const refused = await fetch(`${payu.url}/_simulator/faults`, request)
    expect(refused.status).toBe(400)
    expect(((await refused.json()) as { error: string }).error).toMatch(words)
  })

  test('a form is taken for what its kind needs, and leads back to the page', async () => {
    const { payu } = await startWithShop()
    const fields = { kind: 'slow', on: 'create', when: 'after', httpStatus: '500', seconds: '5', times: '' }
    const added = await fetch(`${payu.url}/_simulator/faults`, form(fields))
    expect([added.status, added.headers.get('location')]).toEqual([303, `${payu.url}/_simulator`])
    expect(payu.faults.list().map(({ fault }) => fault)).toEqual([{ kind: 'slow', on: 'create', seconds: 5 }])
    await fetch(`${payu.url}/_simulator/faults/1/remove`, form({}))
    expect(payu.faults.list()).toEqual([])
  })

  test('orders are paid, settled, delivered and grow old', async () => {
    const { payu, shop } = await startWithShop()
    const orderId = await shop.createOrder()
    const act = `${payu.url}/_simulator/orders/${orderId}/act`
    const paid = await fetch(act, json({ action: 'pay' }))
    expect(await paid.json()).toEqual({ returnTo: `${shop.url}/return?order=1` })
    expect((await fetch(act, json({ action: 'pay' }))).status).toBe(400)
    expect((await fetch(act, json({ action: 'steal' }))).status).toBe(400)
    expect((await fetch(act.replace(orderId, 'NOPE'), json({ action: 'pay' }))).status).toBe(400)
    await fetch(`${payu.url}/_simulator/settle`, json({}))
    expect(shop.told).toEqual(['PENDING', 'COMPLETED'])
    await fetch(`${payu.url}/_simulator/deliver`, json({}))
    expect((await fetch(`${payu.url}/_simulator/advance`, json({ seconds: -1 }))).status).toBe(400)
    const unpaid = await shop.createOrder({ validityTime: '60' })
    expect((await fetch(`${payu.url}/_simulator/advance`, json({ seconds: 60 }))).status).toBe(200)
    expect(payu.order(unpaid).status).toBe('CANCELED')
    const orders = await (await fetch(`${payu.url}/_simulator/orders`)).json()
    expect(orders).toEqual(JSON.parse(JSON.stringify(payu.orders())))
    const requests = (await (await fetch(`${payu.url}/_simulator/requests`)).json()) as { call: string }[]
    expect(requests.map(({ call }) => call)).toEqual(['oauth', 'create', 'create'])
  })

  test('another site in the same browser changes nothing', async () => {
    const { payu } = await startWithShop()
    for (const site of ['cross-site', 'same-site']) {
      const refused = await fetch(`${payu.url}/_simulator/faults`, {
        ...form({ kind: 'silence' }),
        headers: { 'sec-fetch-site': site },
      })
      expect(refused.status).toBe(403)
    }
    expect(payu.faults.list()).toEqual([])
  })
})

describe('the page', () => {
  test('shows orders with notifications, attempts and answers, and faults, and escapes what shops send', async () => {
    const { payu, shop } = await startWithShop()
    payu.faults.add({ kind: 'bad-signature', status: 'COMPLETED', times: 2 })
    shop.answer = ({ body }) => (body.order.status === 'COMPLETED' ? 503 : 200)
    const evil = '<script>alert(1)</script>'
    await shop.createPaid(payu, { description: evil, extOrderId: `"${evil}`, buyer: { firstName: evil } })
    const page = await (await fetch(`${payu.url}/_simulator`)).text()
    expect(page).not.toContain('<script>')
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(page).toContain('<span class="status good">COMPLETED</span>')
    expect(page).toMatch(/order COMPLETED <span class="bad">bad-signature<\/span>/)
    expect(page).toMatch(/<p class="bad">\d{4}-\d\d-\d\d \d\d:\d\d:\d\d: 503 <\/p>/)
    expect(page).toMatch(/bad-signature<\/strong> status COMPLETED <span class="soft">1 of 2 left/)
    expect(page).toContain('POST /api/v2_1/orders')
    expect(page).not.toContain('http-equiv')
    expect(await (await fetch(`${payu.url}/_simulator?live`)).text()).toContain('http-equiv="refresh" content="2"')
  })
})
