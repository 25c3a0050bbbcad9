import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { SANDBOX_POS } from '../points-of-sale.ts'
import { type StartedSimulator, type StartOptions, startPayuSimulator } from '../start.ts'

export interface Received {
  readonly headers: http.IncomingHttpHeaders
  readonly raw: Buffer
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON holds
  readonly body: any
}

export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON holds
  readonly body: any
}

/** A shop that integrates PayU: it listens to notifications, and calls. */
export class Shop {
  payuUrl: string
  readonly received: Received[] = []
  url = ''
  token = ''
  /** What it answers to notifications. */
  answer: (received: Received) => number | Promise<number> = () => 200

  constructor(payuUrl: string) {
    this.payuUrl = payuUrl
  }

  /** What it was told, in a word each. */
  get told(): string[] {
    return this.received.map(({ body }) => (body.refund ? `refund ${body.refund.status}` : body.order.status))
  }

  async open(): Promise<void> {
    const server = http.createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk) => chunks.push(chunk))
      request.on('end', async () => {
        const raw = Buffer.concat(chunks)
        const received = { headers: request.headers, raw, body: JSON.parse(raw.toString()) }
        this.received.push(received)
        response.writeHead(await this.answer(received)).end()
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  async signIn(more: Record<string, string> = {}): Promise<Answered> {
    const { clientId, clientSecret } = SANDBOX_POS
    const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret, ...more }
    const answered = await read(
      await fetch(`${this.payuUrl}/pl/standard/user/oauth/authorize`, {
        method: 'POST',
        body: new URLSearchParams(form),
      }),
    )
    this.token = answered.body.access_token
    return answered
  }

  async call(method: string, path: string, body?: unknown): Promise<Answered> {
    const response = await fetch(`${this.payuUrl}/api/v2_1${path}`, {
      method,
      redirect: 'manual',
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    return read(response)
  }

  /** An order that can be, but for what the test changes. */
  wish(changes: Record<string, unknown> = {}): Record<string, unknown> {
    return {
      merchantPosId: SANDBOX_POS.posId,
      customerIp: '203.0.113.7',
      description: 'Zamówienie Ż-1042',
      currencyCode: 'PLN',
      totalAmount: '12999',
      notifyUrl: `${this.url}/payu/notify`,
      continueUrl: `${this.url}/return?order=1`,
      products: [{ name: 'Lamp', unitPrice: '12999', quantity: '1' }],
      ...changes,
    }
  }

  create(changes: Record<string, unknown> = {}): Promise<Answered> {
    return this.call('POST', '/orders', this.wish(changes))
  }

  /** @returns its id */
  async createOrder(changes: Record<string, unknown> = {}): Promise<string> {
    return (await this.create(changes)).body.orderId
  }

  /** An order that is paid, and that the shop was told of. */
  async createPaid(payu: StartedSimulator, changes: Record<string, unknown> = {}): Promise<string> {
    const orderId = await this.createOrder(changes)
    payu.act(orderId, 'pay')
    await payu.settle()
    return orderId
  }
}

/** A simulator in which nothing happens by itself, and a shop that is signed in. */
export async function startWithShop(options: StartOptions = {}): Promise<{ payu: StartedSimulator; shop: Shop }> {
  const payu = await startPayuSimulator({ manual: true, ...options })
  onTestFinished(() => payu.close())
  const shop = new Shop(payu.url)
  await shop.open()
  await shop.signIn()
  return { payu, shop }
}

export async function read(response: Response): Promise<Answered> {
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json')
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined }
}
