import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** What it answers: JSON, a text as it is, or what no answer is. `cut` takes the request and ends the connection. */
export type ScriptedReply =
  | { readonly status: number; readonly json: unknown; readonly headers?: Readonly<Record<string, string>> }
  | { readonly status: number; readonly text: string; readonly headers?: Readonly<Record<string, string>> }
  | 'cut'
  | 'silence'

export interface ScriptedRequest {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/**
 * An HTTP server that answers what a test tells it to, for what PayU and the machines before it do at their worst: the
 * simulator keeps to the protocol, and plays the faults that PayU itself has.
 */
export interface ScriptedPayu {
  readonly url: string
  /** All but those for tokens. */
  readonly requests: ScriptedRequest[]
  /** How often a token was asked for. They are called `token-1`, `token-2`, … */
  readonly tokenRequests: ScriptedRequest[]
  /** The replies to `POST /api/v2_1/orders`, in turn; the last one stays. */
  script(route: string, ...replies: readonly (ScriptedReply | ((request: ScriptedRequest) => ScriptedReply))[]): void
  stop(): Promise<void>
}

const TOKEN_ROUTE = 'POST /pl/standard/user/oauth/authorize'

export async function startScriptedPayu(): Promise<ScriptedPayu> {
  const requests: ScriptedRequest[] = []
  const tokenRequests: ScriptedRequest[] = []
  const scripts = new Map<string, (ScriptedReply | ((request: ScriptedRequest) => ScriptedReply))[]>()

  async function answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '', headers } = message
    const request = { method, path, headers, body: await text(message) }
    const route = `${method} ${path.split('?', 1)[0]}`
    const isToken = route === TOKEN_ROUTE
    if (isToken) tokenRequests.push(request)
    else requests.push(request)
    const script = scripts.get(route)
    const next = script && script.length > 1 ? script.shift() : script?.[0]
    const token = { access_token: `token-${tokenRequests.length}`, token_type: 'bearer', expires_in: 43_199 }
    const missing: ScriptedReply = isToken ? { status: 200, json: token } : { status: 404, text: 'not scripted' }
    send(response, (typeof next === 'function' ? next(request) : next) ?? missing)
  }

  const server = createServer((message, response) => {
    answer(message, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    tokenRequests,
    script: (route, ...replies) => void scripts.set(route, [...replies]),
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function send(response: ServerResponse, reply: ScriptedReply): void {
  if (reply === 'silence') return
  if (reply === 'cut') {
    response.destroy()
    return
  }
  const isJson = 'json' in reply
  const type = isJson ? 'application/json;charset=UTF-8' : 'text/html'
  response.writeHead(reply.status, { 'content-type': type, ...reply.headers })
  response.end(isJson ? JSON.stringify(reply.json) : reply.text)
}
