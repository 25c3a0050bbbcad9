import fc from 'fast-check'
import { mailsTo } from '../test/support/mailbox.ts'
import type { Answer } from '../test/support/shop-client.ts'
import { Callers, type Filled } from './callers.ts'
import { quote } from './framing.ts'
import type { People, Person } from './people.ts'
import { operationsOf, type Reference } from './reference.ts'
import type { FuzzedShop } from './shop.ts'
import { ALONE_MAX, lookAfter } from './sign-in.ts'
import { PEOPLE, type Step, stepsOf } from './steps.ts'
import { flawIn } from './verdict.ts'
import type { Outcome } from './wire.ts'
import { plain, type Wish } from './wishes.ts'

/** No answer at all after this long is a hang, however busy the machine. */
const DEADLINE_MS = 10_000
/** What one flaw may cost to be made smaller. */
const SHRINK_MS = 20_000
/** Whoever types a name and its password here, by chance or not, is told whose it is. */
const SIGN_INS = new Set(['/api/login', '/api/v1/auth/login', '/obtain_token/'])

export interface Finding {
  readonly step: number
  readonly flaw: string
  /** What was sent, as small as it could be made; for a shell. */
  readonly request: string
  readonly answer: string
}

/** Customers, strangers and PayU, who send a shop whatever comes to mind, and look closely at each answer. */
export class Fuzzer {
  readonly #shop: FuzzedShop
  readonly #seed: number
  readonly #callers: Callers
  readonly #steps: fc.Arbitrary<Step>
  readonly findings: Finding[] = []
  /** Answers by status; `closed` for connections that the server rightly ended without one. */
  readonly counts = new Map<string, number>()
  requests = 0
  #step = 0
  #last = { request: '', answer: '' }
  #payuOrders = 0

  constructor(shop: FuzzedShop, reference: Reference, seed: number) {
    this.#shop = shop
    this.#seed = seed
    this.#steps = stepsOf(operationsOf(reference))
    this.#callers = new Callers(shop.port, PEOPLE, DEADLINE_MS)
    for (const product of shop.products) this.#people.shop.give('product', product)
  }

  get #people(): People {
    return this.#callers.people
  }

  /** One step of chance: the same for the same seed and number, as far as the shop's answers are. */
  async step(): Promise<void> {
    const seed = (Math.imul(this.#seed, 1_000_003) + ++this.#step) | 0
    const terms = { seed, numRuns: 1, interruptAfterTimeLimit: SHRINK_MS, markInterruptAsFailure: false }
    let found: Finding | undefined
    const isMet = async (step: Step) => {
      await lookAfter(this.#callers, step.who)
      const flaw = await this.#take(step)
      // Made smaller, it is to stay the same.
      if (flaw === undefined || this.#isKnown(flaw) || (found && found.flaw !== flaw)) return
      found = { step: this.#step, flaw, ...this.#last }
      throw new Error(flaw)
    }
    const { errorInstance } = await fc.check(fc.asyncProperty(this.#steps, isMet), terms)
    if (found) this.findings.push(found)
    else if (errorInstance) throw errorInstance
  }

  close(): void {
    this.#callers.close()
  }

  #isKnown(flaw: string): boolean {
    return this.findings.some((finding) => finding.flaw === flaw)
  }

  async #take(step: Step): Promise<string | undefined> {
    const { who } = step
    this.#people.at(who).stepsAlone++
    switch (step.kind) {
      case 'asks': {
        if (step.isPipelined) return this.#ask(who, step.wishes)
        for (const wish of step.wishes) {
          const flaw = await this.#ask(who, [wish])
          if (flaw) return flaw
        }
        return undefined
      }
      case 'says':
        return this.#say(who, step.bytes)
      case 'pays':
        return this.#pay(step)
      case 'reads mails':
        return this.#readMails(who)
    }
  }

  /** Sends all of them at once and judges the answers. */
  async #ask(who: number, wishes: readonly Wish[]): Promise<string | undefined> {
    const filled = wishes.map((wish) => this.#callers.fill(who, wish))
    const isWhole = filled.every(({ isWhole }) => isWhole)
    const outcomes = await this.#callers.call(who, filled)
    let isOver = false
    for (const [i, outcome] of outcomes.entries()) {
      const sent = filled[i] as Filled
      const { wish, shown } = sent
      this.#last = { request: sent.shell(this.#shop.baseUrl), answer: preview(outcome) }
      // Behind an answer that ends the connection nothing more is heard.
      const flaw = outcome === 'closed' && isOver ? undefined : this.#judge(sent, outcome, isWhole)
      isOver ||= typeof outcome === 'object' && outcome.headers.connection === 'close'
      if (flaw) return `${wish.method} ${wish.operation?.url ?? plainPath(wish.path)}: ${flaw}`
      if (typeof outcome === 'object') this.#learn(who, wish, shown, outcome)
    }
    return this.#shop.end()
  }

  #judge(
    { wish, shown, said }: Pick<Filled, 'wish' | 'shown' | 'said'>,
    outcome: Outcome,
    isWhole: boolean,
  ): string | undefined {
    this.requests++
    const status = typeof outcome === 'object' ? String(outcome.status) : outcome
    this.counts.set(status, (this.counts.get(status) ?? 0) + 1)
    if (outcome === 'no answer') return `no answer within ${DEADLINE_MS / 1_000} s`
    if (outcome === 'closed') return isWhole ? 'the connection was closed without an answer' : undefined
    const isSignedIn = outcome.status === 200 && SIGN_INS.has(wish.operation?.url ?? '')
    const leak = isSignedIn ? undefined : this.#people.leakIn(outcome.text, shown, said)
    if (leak) return `${outcome.status} tells ${leak}`.replace(/\S+, which is \S+/, 'what is another’s')
    return flawIn(wish, outcome)
  }

  #learn(who: number, { operation, body }: Wish, shown: readonly Person[], answer: Answer): void {
    const person = this.#people.at(who)
    const { status } = answer
    // Something has happened to their session, or it had no good one.
    if (status === 401 || status === 403) person.stepsAlone += ALONE_MAX / 10
    if (!operation || status >= 300) return
    const { url } = operation
    if (url.includes('password') && typeof body === 'string') {
      const sent = this.#people.fill(body, who).text
      const { new_password, password } = parse(sent)
      for (const it of [new_password, password]) if (typeof it === 'string') person.give('password', it)
      person.stepsAlone = Number.POSITIVE_INFINITY
    }
    if (operation.signedIn && shown.length > 0 && shown.every((it) => it === person)) {
      this.#people.learn(person, answer, /profile|whoami/.test(url))
    }
  }

  async #say(who: number, bytes: string): Promise<string | undefined> {
    const outcome = await this.#callers.say(who, bytes)
    this.#last = { request: `printf %s ${quote(bytes)} | nc …`, answer: preview(outcome) }
    const flaw = this.#judge(RAW, outcome, false)
    return (flaw && `${JSON.stringify(bytes.slice(0, 60))}: ${flaw}`) ?? this.#shop.end()
  }

  /** A buyer at PayU, and PayU telling of it. */
  async #pay({ back, action }: Extract<Step, { kind: 'pays' }>): Promise<undefined> {
    const { payu } = this.#shop
    const orders = payu.orders()
    for (const { orderId, request } of orders.slice(this.#payuOrders)) {
      this.#people.shop.give('payu-order', orderId)
      if (request.extOrderId) this.#people.shop.give('attempt', request.extOrderId)
    }
    this.#payuOrders = orders.length
    const order = orders.filter(({ status }) => status === 'NEW' || status === 'PENDING').at(-1 - back)
    try {
      if (order) payu.act(order.orderId, action)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error // it cannot be paid any more
    }
    await payu.settle()
  }

  async #readMails(who: number): Promise<undefined> {
    const person = this.#people.at(who)
    for (const kind of ['verify-email', 'reset-password'] as const) {
      const [mail] = await mailsTo(this.#shop, person.get('email') ?? '', kind, 1)
      if (mail?.token) person.give('mail', mail.token)
    }
  }
}

/** Bytes of which nobody knows what request they are. */
const RAW = { wish: { ...plain, method: 'GET', path: '' }, shown: [], said: '' }

const plainPath = (path: string) => path.replace(/\?.*$/s, '?…').slice(0, 60)
const preview = (outcome: Outcome) =>
  typeof outcome === 'object'
    ? `${outcome.status} ${JSON.stringify(outcome.headers)} ${outcome.text.slice(0, 600)}`
    : outcome

function parse(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text))
  } catch {
    return {}
  }
}
