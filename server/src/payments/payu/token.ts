import { GatewayUnavailable } from '../gateway.ts'
import { type PayuAnswer, quote } from './http.ts'
import { PayuMisconfigured } from './refused.ts'
import { isWire, textIn } from './wire.ts'

/** Given up this long before its end, so that it does not end on its way. */
const EARLY_MS = 60_000

/**
 * The access token of one client id: asked for once however many wait for it, kept until shortly before its end. It is
 * nowhere but in here, so that two POS of one server cannot be given each other's, which PayU answers with 403.
 */
export class PayuToken {
  readonly #obtain: () => Promise<PayuAnswer>
  readonly #now: () => number
  #held: { readonly token: string; readonly until: number } | undefined
  #underWay: Promise<string> | undefined

  constructor(obtain: () => Promise<PayuAnswer>, now: () => number) {
    this.#obtain = obtain
    this.#now = now
  }

  /** @throws GatewayUnavailable, also when PayU does not know the client */
  async get(): Promise<string> {
    if (this.#held && this.#now() < this.#held.until) return this.#held.token
    this.#underWay ??= this.#renew().finally(() => {
      this.#underWay = undefined
    })
    return this.#underWay
  }

  /** PayU takes it no more. Another one that was got meanwhile stays. */
  forget(token: string): void {
    if (this.#held?.token === token) this.#held = undefined
  }

  async #renew(): Promise<string> {
    const askedAt = this.#now()
    const { status, body, correlationId } = await this.#obtain()
    const token = isWire(body) ? textIn(body, 'access_token') : undefined
    if (status !== 200 || !isWire(body) || !token) throw noToken(status, body, correlationId)
    const seconds = Number(body.expires_in)
    const lifeMs = Number.isFinite(seconds) ? seconds * 1_000 - EARLY_MS : 0
    this.#held = { token, until: askedAt + lifeMs }
    return token
  }
}

/** Tells the error's name only: its description may repeat what was sent. */
function noToken(status: number, body: PayuAnswer['body'], correlationId: string | undefined): GatewayUnavailable {
  const error = (isWire(body) && textIn(body, 'error')?.replace(/\W/g, '').slice(0, 40)) || 'no reason'
  const told = `PayU gave no token, ${status} ${error}`
  return status === 400 || status === 401
    ? new PayuMisconfigured(`${told}: PAYU_CLIENT_ID or PAYU_CLIENT_SECRET is wrong${quote(correlationId)}`)
    : new GatewayUnavailable(told + quote(correlationId))
}
