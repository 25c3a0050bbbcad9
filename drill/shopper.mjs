// Somebody who buys in a shop that breaks: tries again with the same key until there is an answer, and remembers it.
import { setTimeout as delay } from 'node:timers/promises'
import { Browser } from '../bench/load.mjs'

const PASSWORD = 'a long enough passphrase'
/** Beyond this no answer is one: PostgreSQL's own limits, the pool's and the gateway's are below it. */
export const DEADLINE_MS = 45_000
/** A shop that is away for longer needs a hand. */
const PATIENCE_MS = 120_000

/** @typedef {{ status: number, body: any }} Answer */

export class DrillShopper {
  #browser
  #name
  #random
  #ledger
  #payu
  #wish = 0

  /**
   * @param {{ baseUrl: string, name: string, random: ReturnType<typeof import('./random.mjs').makeRandom>,
   *   ledger: import('./ledger.mjs').Ledger, payu: { pay(redirectUri: string): Promise<boolean> } }} terms
   */
  constructor({ baseUrl, name, random, ledger, payu }) {
    this.#browser = new Browser(baseUrl)
    this.#name = name
    this.#random = random
    this.#ledger = ledger
    this.#payu = payu
  }

  async moveIn() {
    const email = `${this.#name}@example.com`
    await this.#insist('POST', '/api/register', { username: this.#name, password: PASSWORD, first_name: 'S', email })
    const { status } = await this.#insist('POST', '/api/login', { username: this.#name, password: PASSWORD })
    if (status !== 200) throw new Error(`${this.#name} cannot sign in: ${status}`)
  }

  /**
   * Buys, pays and cancels until told to stop; what was begun is ended.
   *
   * @param {readonly { uuid: string }[]} products
   * @param {AbortSignal} stop
   */
  async shop(products, stop) {
    while (!stop.aborted) {
      const order = await this.#buy(this.#random.oneOf(products).uuid)
      if (order) await this.#dealWith(order)
    }
  }

  close() {
    this.#browser.close()
  }

  /** @returns the order, once it is acknowledged; undefined when there is nothing left to sell */
  async #buy(/** @type {string} */ product) {
    const quantity = this.#random.between(1, 2)
    const added = await this.#insist('POST', '/api/bucket', { product, quantity })
    // 1041: the first try was heard and its answer lost. 1042 and 1043: sold out.
    if (added.status === 409 && added.body.code !== 1041) return undefined
    const key = `${this.#name}-${++this.#wish}`
    const wish = { payment: this.#random.oneOf(['transfer', 'payu', 'card']) }
    const answer = await this.#insist('POST', '/api/orders', wish, { 'idempotency-key': key })
    if (answer.status === 409 && answer.body.code === 1043) {
      await this.#insist('DELETE', '/api/bucket')
      return undefined
    }
    if (answer.status !== 200) {
      this.#ledger.violation(`${key}: an order was answered with ${answer.status} ${JSON.stringify(answer.body)}`)
      return undefined
    }
    const { order_uuid: id, sum } = answer.body
    const known = this.#ledger.orders.get(id)
    if (known) this.#ledger.violation(`${key}: was given order ${id}, which is another wish's`)
    this.#ledger.orders.set(id, { sum, shopper: this.#name, isPaid: false, isCanceled: false, isPaidAtPayu: false })
    // A client that is not sure asks again, however often.
    if (this.#random.next() < 0.25) {
      this.#ledger.counts.replays++
      const again = await this.#insist('POST', '/api/orders', wish, { 'idempotency-key': key })
      if (again.status !== 200 || again.body.order_uuid !== id)
        this.#ledger.violation(`${key}: order ${id}, asked again, was ${again.status} ${JSON.stringify(again.body)}`)
    }
    return { id, method: wish.payment }
  }

  async #dealWith(/** @type {{ id: string, method: string }} */ { id, method }) {
    const chance = this.#random.next()
    if (chance < 0.15) return
    if (chance < 0.3) return this.#cancel(id)
    const chosen = await this.#insist('PUT', `/api/orders/${id}/payment`, { method })
    if (chosen.status === 503) return // PayU is away, and the order waits
    if (chosen.status !== 200) {
      this.#ledger.violation(`order ${id}: choosing ${method} was ${chosen.status} ${JSON.stringify(chosen.body)}`)
      return
    }
    const order = /** @type {any} */ (this.#ledger.orders.get(id))
    if (method === 'transfer') {
      order.title = chosen.body.transfer.title
      order.amount = chosen.body.transfer.amount
      if (this.#random.next() < 0.5) await this.#insist('POST', `/api/orders/${id}/payment/confirm`)
    } else if (chosen.body.redirect_uri && (await this.#payu.pay(chosen.body.redirect_uri))) {
      order.isPaidAtPayu = true
      if (this.#random.next() < 0.7) {
        const told = await this.#insist('POST', `/api/orders/${id}/payment/confirm`)
        if (told.status === 200 && told.body.status === 'paid') order.isPaid = true
      }
    }
    if (this.#random.next() < 0.15) await this.#cancel(id)
  }

  async #cancel(/** @type {string} */ id) {
    const answer = await this.#insist('POST', `/api/orders/${id}/set_canceled`)
    const order = /** @type {any} */ (this.#ledger.orders.get(id))
    // 1003: the first try was heard and its answer lost; or was it?
    const isDone = answer.status === 200 || (await this.#insist('GET', `/api/orders/${id}`)).body?.status === 'canceled'
    if (isDone) order.isCanceled = true
    else this.#ledger.violation(`order ${id} could not be canceled: ${answer.status} ${JSON.stringify(answer.body)}`)
  }

  /**
   * The same request until the shop has an answer to it.
   *
   * @returns {Promise<Answer>}
   */
  async #insist(
    /** @type {string} */ method,
    /** @type {string} */ path,
    /** @type {object | undefined} */ body = undefined,
    headers = {},
  ) {
    const begun = performance.now()
    for (let pauseMs = 20; ; pauseMs = Math.min(pauseMs * 2, 500)) {
      const answer = await this.#ask(method, path, body, headers)
      const isGatewayAway = answer?.body?.code === 1007
      if (answer && (answer.status < 500 || isGatewayAway)) return answer
      if (performance.now() - begun > PATIENCE_MS)
        throw new Error(`${method} ${path} had no answer for ${PATIENCE_MS / 1_000} s: ${JSON.stringify(answer)}`)
      await delay(pauseMs)
    }
  }

  /** @returns {Promise<Answer | undefined>} undefined: the connection broke */
  async #ask(
    /** @type {string} */ method,
    /** @type {string} */ path,
    /** @type {object | undefined} */ body,
    /** @type {Record<string, string>} */ headers,
  ) {
    const { counts } = this.#ledger
    counts.requests++
    const csrf = this.#browser.cookie('csrftoken')
    const begun = performance.now()
    const signal = AbortSignal.timeout(DEADLINE_MS)
    try {
      const sent = { ...headers, ...(csrf && { 'x-csrftoken': csrf }) }
      const answer = await this.#browser.send(method, path, body, sent, { signal })
      const { status, body: said } = answer
      if (status >= 500) {
        if (status === 503) counts.refused++
        else counts.failed++
        const isInShape = said && typeof said.message === 'string' && ('detail' in said || 'code' in said)
        if (!isInShape) this.#ledger.violation(`${method} ${path}: ${status} in no shape: ${JSON.stringify(said)}`)
        if (status === 500) this.#ledger.violation(`${method} ${path}: 500`)
      }
      return answer
    } catch {
      if (signal.aborted) this.#ledger.violation(`${method} ${path}: no answer within ${DEADLINE_MS / 1_000} s`)
      counts.broken++
      return undefined
    } finally {
      this.#ledger.slowestMs = Math.max(this.#ledger.slowestMs, performance.now() - begun)
    }
  }
}
