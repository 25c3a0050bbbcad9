// One shopper, of Tradepost and of the ceiling alike: the ceiling speaks the few paths of the shop contract that this needs.
import { Browser } from './load.mjs'

const PASSWORD = 'a long enough passphrase'
const OK = ({ status }) => status === 200

export class Shopper {
  #browser
  #username

  constructor(baseUrl, username) {
    this.#browser = new Browser(baseUrl)
    this.#username = username
  }

  async register() {
    const email = `${this.#username}@example.com`
    const wish = { username: this.#username, password: PASSWORD, first_name: 'Shopper', email }
    return OK(await this.#browser.send('POST', '/api/register', wish))
  }

  async signIn() {
    const wish = { username: this.#username, password: PASSWORD }
    return OK(await this.#browser.send('POST', '/api/login', wish))
  }

  async readProfile() {
    return OK(await this.#browser.send('GET', '/api/profile'))
  }

  /** What is on the first page, or undefined. */
  async listProducts() {
    const answer = await this.#browser.send('GET', '/api/products?page_size=20')
    return OK(answer) ? answer.body.results : undefined
  }

  /** Four requests: a page of products, one of them into the bucket, a look at the bucket, the order. */
  async purchase() {
    const browser = this.#browser
    const { body: page } = await browser.send('GET', '/api/products?page_size=20')
    const { uuid } = page.results[Math.floor(Math.random() * page.results.length)]
    const csrf = this.#csrf()
    if (!OK(await browser.send('POST', '/api/bucket', { product: uuid, quantity: 1 }, csrf))) return false
    if (!OK(await browser.send('GET', '/api/bucket'))) return false
    return OK(await browser.send('POST', '/api/orders', { payment: 'transfer' }, csrf))
  }

  async addLine(product) {
    return OK(await this.#browser.send('POST', '/api/bucket', { product, quantity: 1 }, this.#csrf()))
  }

  async order() {
    return OK(await this.#browser.send('POST', '/api/orders', { payment: 'transfer' }, this.#csrf()))
  }

  /** Buys the product piece by piece until the shop refuses. Refusals end it, failures are counted. */
  async buyUntilRefused(product) {
    const csrf = this.#csrf()
    const told = { bought: 0, failed: 0 }
    for (;;) {
      let answer = await this.#browser.send('POST', '/api/bucket', { product, quantity: 1 }, csrf)
      if (OK(answer)) answer = await this.#browser.send('POST', '/api/orders', { payment: 'transfer' }, csrf)
      if (OK(answer)) told.bought++
      else if (answer.status === 409) return told
      else if (++told.failed > 5) return told
    }
  }

  close() {
    this.#browser.close()
  }

  #csrf() {
    const token = this.#browser.cookie('csrftoken')
    return token ? { 'x-csrftoken': token } : {}
  }
}

/** Registered and signed in, under names nobody has. */
export async function makeShoppers(baseUrl, count) {
  const run = Date.now().toString(36)
  const shoppers = Array.from({ length: count }, (_, i) => new Shopper(baseUrl, `shopper_${run}_${i}`))
  for (const shopper of shoppers) {
    if (!(await shopper.register()) || !(await shopper.signIn()))
      throw new Error(`no shopper can register at ${baseUrl}`)
  }
  return shoppers
}
