import { createServer, request } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer, type NetConnectOpts, type Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { CrashPoint } from './crash.ts'

/** Where a process dies: at its n-th word, or at the first that is called so. */
export type WordPoint = Omit<CrashPoint, 'at'> & { readonly at: number | RegExp }

/** Counts what a process says to the database and to PayU, and kills it at a word. */
export class Words {
  #point: WordPoint | undefined
  #from: string | undefined
  #count = 0
  #kill = (): void => {}
  isDead = false

  /** @param kill a real one: of what is said afterwards nothing is passed on */
  serve(kill: () => void): void {
    this.#kill = kill
    this.#point = undefined
    this.isDead = false
  }

  /** @param from the name of the statement that is the first word; undefined: the very next one is */
  arm(point: WordPoint, from?: string): void {
    this.#point = point
    this.#from = from
    this.#count = 0
  }

  disarm(): void {
    this.#point = undefined
  }

  /** @returns whether the word is passed on, and whether its answer is */
  say(name: string): { isHeard: boolean; isAnswered: boolean } {
    if (this.isDead) return { isHeard: false, isAnswered: false }
    const whole = { isHeard: true, isAnswered: true }
    if (!this.#point || OF_OTHER_JOBS.test(name)) return whole
    if (this.#from && this.#count === 0 && name !== this.#from) return whole
    this.#count++
    const { at, when } = this.#point
    if (typeof at === 'number' ? this.#count !== at : !at.test(name)) return whole
    if (when === 'after') return { isHeard: true, isAnswered: false }
    this.die()
    return { isHeard: false, isAnswered: false }
  }

  die(): void {
    this.isDead = true
    this.#kill()
  }
}

/** What goes on besides the step that is killed. */
const OF_OTHER_JOBS = /^(mail|events|webhooks|identity\.(note|delete)|payments\.take-(attempts|waiting))/

/** Before PostgreSQL: a word is what ends with Sync, or a simple query. */
export async function listenToDatabase(target: NetConnectOpts, words: Words): Promise<ListeningToDatabase> {
  const sockets = new Set<Socket>()
  const server = createTcpServer((near) => {
    const far = connect(target)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
    }
    const asked = new Messages(true)
    const answered = new Messages(false)
    let said: Buffer[] = []
    let name = ''
    /** Answers still to come, and whether the client gets them. */
    const waiting: boolean[] = []

    near.on('data', (chunk) => {
      for (const message of asked.read(chunk)) {
        said.push(message.bytes)
        if (message.type === 'P' || message.type === 'B') name = statementIn(message) || name
        if (message.type === 'Q') name = message.bytes.toString('utf8', 5, 60)
        if (message.type !== 'Q' && message.type !== 'S' && message.type !== '' && message.type !== 'p') continue
        const isWord = message.type === 'Q' || message.type === 'S'
        const { isHeard, isAnswered } = isWord ? words.say(name) : { isHeard: !words.isDead, isAnswered: true }
        if (isHeard) far.write(Buffer.concat(said))
        if (isHeard && isWord) waiting.push(isAnswered)
        said = []
        name = ''
      }
    })
    let toTell: Buffer[] = []
    far.on('data', (chunk) => {
      for (const message of answered.read(chunk)) {
        toTell.push(message.bytes)
        if (message.type === 'Z' && waiting.shift() === false) words.die()
        const isWhole = message.type === 'Z' || waiting.length === 0
        if (!isWhole) continue
        if (!words.isDead) near.write(Buffer.concat(toTell))
        toTell = []
      }
    })
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const cut = () => {
    for (const socket of sockets) socket.destroy()
    sockets.clear()
  }
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    close() {
      server.close()
      cut()
    },
  }
}

export interface ListeningToDatabase {
  readonly port: number
  /** Ends all connections; new ones are welcome. */
  cut(): void
  close(): void
}

interface Message {
  /** Empty for what opens a connection, which has no type. */
  readonly type: string
  readonly bytes: Buffer
}

/** Cuts a stream of PostgreSQL's protocol into its messages. */
class Messages {
  #rest = Buffer.alloc(0)
  #isOpening: boolean

  constructor(hasOpening: boolean) {
    this.#isOpening = hasOpening
  }

  read(chunk: Buffer): Message[] {
    this.#rest = Buffer.concat([this.#rest, chunk])
    const found: Message[] = []
    for (;;) {
      const head = this.#isOpening ? 0 : 1
      if (this.#rest.length < head + 4) return found
      const length = head + this.#rest.readInt32BE(head)
      if (this.#rest.length < length) return found
      const bytes = this.#rest.subarray(0, length)
      found.push({ type: head === 0 ? '' : String.fromCharCode(bytes[0] as number), bytes })
      this.#rest = this.#rest.subarray(length)
      this.#isOpening = false
    }
  }
}

/** Parse begins with the statement's name, Bind with the portal's and then the statement's. */
function statementIn({ type, bytes }: Message): string {
  const texts = bytes.toString('latin1', 5).split('\0', 2)
  return (type === 'P' ? texts[0] : texts[1]) ?? ''
}

/** Before PayU: a word is a call. */
export async function listenToPayu(url: string, words: Words): Promise<{ url: string; close(): void }> {
  const server = createServer(async (asked, answer) => {
    const body = await buffer(asked).catch(() => undefined)
    const { isHeard, isAnswered } = words.say(`payu ${asked.method} ${asked.url}`)
    if (!isHeard || !body) return void answer.destroy()
    const sent = request(url + asked.url, { method: asked.method, headers: asked.headers }, async (heard) => {
      const said = await buffer(heard)
      if (!isAnswered) words.die()
      if (words.isDead) answer.destroy()
      else answer.writeHead(heard.statusCode ?? 502, heard.headers).end(said)
    })
    sent.on('error', () => answer.destroy())
    sent.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
