import { presentToken } from '../server/src/identity/session.ts'
import { rowsOf } from '../test/support/books.ts'
import type { Answer, ShopClient } from '../test/support/shop-client.ts'
import type { Random } from './chance.ts'
import { MISHAP_HEADER, MISHAPS, SERVER_HEADER } from './network.ts'
import { PASSWORD, type World } from './world.ts'

/** An order as its customer knows it: what they were told, they hold the shop to. */
export interface KnownOrder {
  readonly id: string
  readonly sumMinor: number
  /** Pieces, by product. */
  readonly lines: ReadonlyMap<string, number>
  /** The customer has asked for it, whether or not there was an answer. */
  isCancelAsked: boolean
  isCanceled: boolean
  /** Once, at least: it may have been refunded since. */
  isPaid: boolean
  /** What to write on the transfer, once the customer was told. */
  transfer?: { readonly title: string; readonly amount: string }
}

export interface Heard {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server says; the simulation looks at it
  readonly body: any
  /** `ok`, or status and code. */
  readonly outcome: string
  /** No earlier try may have been heard: what it did is known. */
  readonly isSure: boolean
}

export interface Request {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly json?: object | undefined
  readonly key?: string | undefined
  /** Nothing goes wrong with it. */
  readonly isCalm?: boolean
}

const TRIES_MAX = 6

/** Somebody who buys, and what they remember. */
export class Shopper {
  readonly name: string
  readonly customerId: string
  readonly client: ShopClient
  /** Pieces, by product. */
  readonly bucket = new Map<string, number>()
  readonly orders: KnownOrder[] = []

  constructor(name: string, customerId: string, client: ShopClient) {
    this.name = name
    this.customerId = customerId
    this.client = client
  }

  /**
   * The same request until there is an answer; with the first try something may go wrong, on the way or between the server
   * and the database.
   */
  async ask(world: World, random: Random, request: Request): Promise<Heard> {
    const server = random.between(0, world.servers.length - 1)
    const trouble = random.next()
    const mishap = trouble < 0.16 && !request.isCalm ? random.oneOf(MISHAPS) : undefined
    const cutAt = { at: random.between(1, 9), when: random.oneOf(['before', 'after'] as const) }
    const isCut = trouble >= 0.16 && trouble < 0.26 && world.terms.atOnce === 1 && !request.isCalm
    let isSure = true
    let hasSignedIn = false
    for (let tries = 1; tries <= TRIES_MAX; tries++) {
      const isFirst = tries === 1
      const words = world.servers[server]?.words
      if (isFirst && isCut) words?.arm(cutAt)
      const headers = { [SERVER_HEADER]: `${server}`, ...(isFirst && mishap && { [MISHAP_HEADER]: mishap }) }
      const answer = await this.#send(request, headers).finally(() => words?.disarm())
      if (!answer) {
        isSure = false
        continue
      }
      const { status, body } = answer
      const what = `${this.name}: ${request.method} ${request.path}`
      if (status === 403) {
        if (hasSignedIn || (await this.#isSignedIn(world))) world.violations.push(`${what}: 403 ${answer.text}`)
        await this.#signIn()
        hasSignedIn = true
        continue
      }
      if (status >= 500 && body?.code !== 1007) {
        if (!(status === 503 && isFirst && isCut)) world.violations.push(`${what}: ${status} ${answer.text}`)
        isSure = false
        continue
      }
      return { status, body, outcome: status === 200 ? 'ok' : `${status}/${body?.code}`, isSure }
    }
    throw new Error(`${this.name}: ${request.method} ${request.path} has no answer`)
  }

  /** @returns undefined when the connection ended before */
  async #send({ method, path, json, key }: Request, headers: Record<string, string>): Promise<Answer | undefined> {
    const options = { json, headers: { ...headers, ...(key && { 'idempotency-key': key }) } }
    return this.client.request(method, path, options).catch(() => undefined)
  }

  /** As the database has it: nobody is sent away before their time. */
  async #isSignedIn({ db }: World): Promise<boolean> {
    const [row] = await rowsOf<{ signed_in: boolean }>(
      db,
      'select exists (select from live_session($1)) as signed_in',
      [presentToken(this.client.cookies.get('sessionid') ?? '')],
    )
    return row?.signed_in ?? false
  }

  async #signIn(): Promise<void> {
    this.client.cookies.clear()
    const answer = await this.client.post('/api/login', { username: this.name, password: PASSWORD })
    if (answer.status !== 200) throw new Error(`${this.name} cannot sign in: ${answer.status} ${answer.text}`)
  }
}
