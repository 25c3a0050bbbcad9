import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** What an endpoint got: one message. */
export interface ReceivedHook {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** As it came: what was signed. */
  readonly raw: string
  // biome-ignore lint/suspicious/noExplicitAny: it is what a test expects
  readonly body: any
}

/** How to answer a message; `hang`: not at all, ever. */
export type HookManners = (hook: ReceivedHook) => HookAnswer | Promise<HookAnswer>
export type HookAnswer = number | 'hang' | { status: number; headers?: Record<string, string>; text?: string }

export interface HookReceiver {
  readonly url: string
  readonly port: number
  /** All that came, in the order in which it came. */
  readonly received: ReceivedHook[]
  /** From now on. */
  manners: HookManners
  stop(): Promise<void>
}

/** An endpoint on loopback that takes everything, unless its manners say otherwise. */
export async function startHookReceiver(
  manners: HookManners = () => 204,
  listen: (listener: RequestListener) => Server = createServer,
): Promise<HookReceiver> {
  const sockets = new Set<Socket>()
  const received: ReceivedHook[] = []
  const server = listen((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', async () => {
      const raw = Buffer.concat(chunks).toString('utf8')
      const hook = { path: request.url ?? '', headers: request.headers, raw, body: raw ? JSON.parse(raw) : undefined }
      received.push(hook)
      const answer = await receiver.manners(hook)
      if (answer === 'hang') return
      const { status, headers = {}, text = '' } = typeof answer === 'number' ? { status: answer } : answer
      response.writeHead(status, headers).end(text)
    })
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const receiver: HookReceiver = {
    url: `http://127.0.0.1:${port}/hooks`,
    port,
    received,
    manners,
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return receiver
}
