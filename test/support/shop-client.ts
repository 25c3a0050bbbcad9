import {
  Agent,
  type RequestOptions as HttpRequestOptions,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  request,
} from 'node:http'
import type { Readable } from 'node:stream'
import { parseSetCookie } from 'cookie'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** The JSON in it; undefined when it holds none. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server says; the tests look at it
  readonly body: any
}

export interface RequestOptions {
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent as it is; a stream goes out in chunks, without Content-Length. */
  readonly raw?: string | Buffer | Readable
  /** Over those the client sends by itself; undefined leaves one out. */
  readonly headers?: Readonly<Record<string, string | string[] | undefined>>
}

// Connections are kept for all clients of a test file; idle ones do not keep the process alive.
const agent = new Agent({ keepAlive: true, maxSockets: 64 })
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

/** A browser's manners: keeps the cookies it is given, and sends the CSRF token along with what changes something. */
export class ShopClient {
  readonly baseUrl: string
  readonly cookies = new Map<string, string>()

  constructor(baseUrl: string) {
    this.baseUrl = baseUrl
  }

  get(path: string, options?: RequestOptions): Promise<Answer> {
    return this.request('GET', path, options)
  }

  post(path: string, json?: unknown, options?: RequestOptions): Promise<Answer> {
    return this.request('POST', path, { json, ...options })
  }

  put(path: string, json?: unknown, options?: RequestOptions): Promise<Answer> {
    return this.request('PUT', path, { json, ...options })
  }

  patch(path: string, json?: unknown, options?: RequestOptions): Promise<Answer> {
    return this.request('PATCH', path, { json, ...options })
  }

  delete(path: string, options?: RequestOptions): Promise<Answer> {
    return this.request('DELETE', path, options)
  }

  /** Any request; the path goes out as it is written, percent signs and all. */
  async request(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    const { json, raw = json === undefined ? undefined : JSON.stringify(json) } = options
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const csrfToken = this.cookies.get('csrftoken')
    const answer = await send(this.baseUrl, method, path, raw, {
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...(cookie && { cookie }),
      ...(csrfToken && !SAFE_METHODS.has(method) && { 'x-csrftoken': csrfToken }),
      ...options.headers,
    })
    for (const line of answer.headers['set-cookie'] ?? []) this.#keep(line)
    return answer
  }

  #keep(line: string): void {
    const { name, value, maxAge } = parseSetCookie(line) ?? {}
    if (!name) return
    if (maxAge === 0) this.cookies.delete(name)
    else this.cookies.set(name, value ?? '')
  }
}

/** One exchange, without manners. */
export async function send(
  baseUrl: string,
  method: string,
  path: string,
  body: string | Buffer | Readable | undefined,
  headers: Readonly<Record<string, string | string[] | undefined>> = {},
): Promise<Answer> {
  const { hostname, port } = new URL(baseUrl)
  // Node says nothing of the length where a body is unusual, as with DELETE, and so makes two requests of one.
  const length =
    typeof body === 'string' || Buffer.isBuffer(body) ? { 'content-length': `${Buffer.byteLength(body)}` } : {}
  const chunked = body === undefined || 'content-length' in length ? {} : { 'transfer-encoding': 'chunked' }
  const given = Object.entries({ ...length, ...chunked, ...headers }).filter(([, value]) => value !== undefined)
  const options = { hostname, port, method, path, headers: Object.fromEntries(given) as OutgoingHttpHeaders }
  try {
    return await exchange({ ...options, agent }, body)
  } catch (error) {
    // The server may close a connection while it lies idle: then this request was never heard.
    if (!(error instanceof StaleConnection)) throw error
    return await exchange({ ...options, agent: false }, body)
  }
}

class StaleConnection extends Error {}

function exchange(options: HttpRequestOptions, body: string | Buffer | Readable | undefined): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let answered = false
    const sent = request(options, (response) => {
      answered = true
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: jsonIn(text) })
        // A server that has answered need not hear the rest of the body.
        if (!sent.writableEnded) sent.destroy()
      })
    })
    sent.on('error', (error: NodeJS.ErrnoException) => {
      if (answered) return
      reject(sent.reusedSocket && error.code === 'ECONNRESET' ? new StaleConnection() : error)
    })
    if (body === undefined || typeof body === 'string' || Buffer.isBuffer(body)) sent.end(body)
    else body.on('error', () => {}).pipe(sent)
  })
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A customer with a story of their own in each test. */
export interface Person {
  readonly uuid: string
  readonly username: string
  readonly email: string
  readonly password: string
}

/** Registers through the API; nobody is signed in by that. */
export async function register(client: ShopClient, username: string): Promise<Omit<Person, 'uuid'>> {
  const person = { username, email: `${username}@example.com`, password: `${username}-likes-tents` }
  expectStatus(200, await client.post('/api/register', { ...person, first_name: username }))
  return person
}

/** Registers, and signs the client in. */
export async function signUp(client: ShopClient, username: string): Promise<Person> {
  const person = await register(client, username)
  return { ...person, uuid: await signIn(client, person) }
}

/** @returns the customer's uuid */
export async function signIn(client: ShopClient, who: { username: string; password: string }): Promise<string> {
  const answer = await client.post('/api/login', { username: who.username, password: who.password })
  expectStatus(200, answer)
  return answer.body.user
}

function expectStatus(status: number, answer: Answer): void {
  if (answer.status !== status) throw new Error(`expected ${status}, got ${answer.status}: ${answer.text}`)
}
