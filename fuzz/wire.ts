import { connect, type Socket } from 'node:net'
import type { Answer } from '../test/support/shop-client.ts'

/** What became of a request: an answer, or why there is none. */
export type Outcome = Answer | 'closed' | 'no answer'

/**
 * A connection that says whatever bytes it is given: what no HTTP client would let through, and several requests at once.
 * Kept from one request to the next, as long as both sides like.
 */
export class Wire {
  readonly #port: number
  readonly #deadlineMs: number
  #socket: Socket | undefined

  constructor(port: number, deadlineMs: number) {
    this.#port = port
    this.#deadlineMs = deadlineMs
  }

  /**
   * @param methods of the requests in the bytes, in their order: so many answers are waited for
   * @param isWhole false: the bytes end in the midst of a request, and so does the connection
   */
  async say(bytes: Buffer, methods: readonly string[], isWhole = true): Promise<Outcome[]> {
    const isKept = this.#socket !== undefined && !this.#socket.destroyed
    const outcomes = await this.#exchange(bytes, methods, isWhole)
    // The server may close a connection while it lies idle: then nobody has heard of this.
    return isKept && outcomes[0] === 'closed' && isWhole ? this.#exchange(bytes, methods, isWhole) : outcomes
  }

  close(): void {
    this.#socket?.destroy()
    this.#socket = undefined
  }

  #exchange(bytes: Buffer, methods: readonly string[], isWhole: boolean): Promise<Outcome[]> {
    const socket = this.#open()
    const outcomes: Outcome[] = []
    let heard: Buffer = Buffer.alloc(0)
    return new Promise((resolve) => {
      const end = (why?: Outcome) => {
        clearTimeout(timer)
        socket.removeAllListeners('data').removeAllListeners('close')
        if (why || !isWhole || isLast(outcomes.at(-1))) this.close()
        resolve([...outcomes, ...methods.slice(outcomes.length).map(() => why ?? 'closed')])
      }
      const timer = setTimeout(end, this.#deadlineMs, 'no answer')
      const listen = (isOver: boolean) => {
        while (outcomes.length < methods.length) {
          const found = answerIn(heard, methods[outcomes.length] ?? 'GET', isOver)
          if (!found) break
          outcomes.push(found.answer)
          heard = heard.subarray(found.length)
          if (isLast(found.answer)) break
        }
        if (outcomes.length === methods.length || isLast(outcomes.at(-1))) end()
        else if (isOver) end('closed')
      }
      socket.on('data', (chunk) => {
        heard = Buffer.concat([heard, chunk])
        listen(false)
      })
      socket.once('close', () => listen(true))
      if (isWhole) socket.write(bytes)
      else socket.end(bytes)
    })
  }

  #open(): Socket {
    if (this.#socket && !this.#socket.destroyed) return this.#socket
    this.#socket = connect({ host: '127.0.0.1', port: this.#port, noDelay: true })
    this.#socket.on('error', () => {})
    return this.#socket
  }
}

/** The server says that nothing more comes on this connection. */
function isLast(outcome: Outcome | undefined): boolean {
  return typeof outcome === 'object' && outcome.headers.connection === 'close'
}

/** The first answer in these bytes, if it is there to its end. */
function answerIn(bytes: Buffer, method: string, isOver: boolean): { answer: Answer; length: number } | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd < 0) return undefined
  const [statusLine = '', ...lines] = bytes.subarray(0, headEnd).toString('latin1').split('\r\n')
  const status = Number(statusLine.split(' ')[1])
  const start = headEnd + 4
  if (status < 200) {
    const next = answerIn(bytes.subarray(start), method, isOver)
    return next && { ...next, length: next.length + start }
  }
  const headers: Record<string, string | string[]> = {}
  for (const line of lines) {
    const name = line.slice(0, line.indexOf(':')).toLowerCase()
    const value = line.slice(name.length + 1).trim()
    if (name === 'set-cookie') headers[name] = [...(headers[name] ?? []), value]
    else headers[name] = value
  }
  const body = bodyAt(bytes, start, hasNoBody(method, status) ? 0 : lengthOf(headers, isOver, bytes.length - start))
  if (!body) return undefined
  const text = body.bytes.toString('utf8')
  return { answer: { status, headers, text, body: jsonIn(text) }, length: body.end }
}

function hasNoBody(method: string, status: number): boolean {
  return method === 'HEAD' || status === 204 || status === 304
}

function lengthOf(headers: Record<string, unknown>, isOver: boolean, left: number): number | 'chunked' | undefined {
  if (headers['transfer-encoding'] === 'chunked') return 'chunked'
  if (headers['content-length'] !== undefined) return Number(headers['content-length'])
  return isOver ? left : undefined
}

function bodyAt(bytes: Buffer, start: number, length: number | 'chunked' | undefined) {
  if (length === undefined) return undefined
  if (length !== 'chunked') {
    const end = start + length
    return bytes.length < end ? undefined : { bytes: bytes.subarray(start, end), end }
  }
  const chunks: Buffer[] = []
  for (let at = start; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd < 0) return undefined
    const size = Number.parseInt(bytes.subarray(at, lineEnd).toString('latin1'), 16)
    const end = lineEnd + 2 + size + 2
    if (bytes.length < end) return undefined
    if (size === 0) return { bytes: Buffer.concat(chunks), end }
    chunks.push(bytes.subarray(lineEnd + 2, end - 2))
    at = end
  }
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
