import { SANDBOX_POS, signatureHeader } from 'payu-simulator'
import type { Answer } from '../test/support/shop-client.ts'
import { frame, shellFor } from './framing.ts'
import { People, type Person } from './people.ts'
import { type Outcome, Wire } from './wire.ts'
import { type Headers, plain, type Wish } from './wishes.ts'

/** A request as it goes out. */
export interface Filled {
  readonly wish: Wish
  readonly shown: readonly Person[]
  /** Its body, filled in. */
  readonly said: string
  readonly bytes: Buffer
  /** False: the server waits for more, in vain. */
  readonly isWhole: boolean
  readonly shell: (baseUrl: string) => string
}

/** Everybody's way to the shop: wishes are filled in and sent, each person's on a connection of their own. */
export class Callers {
  readonly people: People
  readonly #port: number
  readonly #wires: readonly Wire[]

  constructor(port: number, count: number, deadlineMs: number) {
    this.#port = port
    this.people = new People(count)
    this.#wires = Array.from({ length: count }, () => new Wire(port, deadlineMs))
  }

  /** All of them at once. */
  async call(who: number, filled: readonly Filled[]): Promise<Outcome[]> {
    const bytes = Buffer.concat(filled.map(({ bytes }) => bytes))
    const methods = filled.map(({ wish }) => wish.method)
    return this.#wire(who).say(
      bytes,
      methods,
      filled.every(({ isWhole }) => isWhole),
    )
  }

  /** Bytes that may be no request at all, on a connection for them alone. */
  async say(who: number, bytes: string): Promise<Outcome> {
    const wire = this.#wire(who)
    wire.close()
    const [outcome = 'closed'] = await wire.say(Buffer.from(bytes, 'latin1'), ['GET'], false)
    wire.close()
    return outcome
  }

  close(): void {
    for (const wire of this.#wires) wire.close()
  }

  /** What is no business of chance: not judged, and undefined when there was no answer. */
  async send(
    who: number,
    method: string,
    path: string,
    json?: object,
    more: Headers = [],
  ): Promise<Answer | undefined> {
    const headers = [...more, ...(json ? [['content-type', 'application/json'] as const] : [])]
    const wish: Wish = { ...plain, method, path, headers, body: json && JSON.stringify(json) }
    const [outcome] = await this.call(who, [this.fill(who, wish)])
    return typeof outcome === 'object' ? outcome : undefined
  }

  fill(who: number, wish: Wish): Filled {
    const { method, framing, signs } = wish
    const shown: Person[] = []
    const fill = (text: string) => {
      const filled = this.people.fill(text, who)
      shown.push(...filled.shown)
      return filled.text
    }
    const path = fill(wish.path)
    const headers = wish.headers.map(([name, value]): [string, string] => [name, fill(value)])
    const body = typeof wish.body === 'string' ? Buffer.from(fill(wish.body)) : wish.body
    const said = body?.toString() ?? ''
    if (shown.some((person) => person !== this.people.at(who))) this.people.share(said, shown)
    if (signs) {
      const good = signatureHeader(body ?? '', SANDBOX_POS.secondKey, 'MD5')
      headers.push(['openpayu-signature', signs === 'good' ? good : good.replace(/signature=./, 'signature=g')])
    }
    if (!headers.some(([name]) => name === 'host')) headers.unshift(['host', `127.0.0.1:${this.#port}`])
    const { framed, lengths, isWhole } = frame(body, framing)
    const lines = [...headers, ...lengths].map(([name, value]) => `${name}: ${value}\r\n`).join('')
    const bytes = Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines}\r\n`, 'latin1'), framed])
    return {
      wish,
      shown,
      said,
      bytes,
      isWhole,
      shell: (baseUrl) => shellFor(baseUrl, method, path, headers, body, framing),
    }
  }

  #wire(who: number): Wire {
    return this.#wires[who % this.#wires.length] as Wire
  }
}
