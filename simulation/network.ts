import { Agent, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/**
 * What can go wrong on the way: the request comes to nobody, a half of it comes and then the connection ends, or it was
 * heard and acted on, and the answer comes to nobody.
 */
export const MISHAPS = ['never-heard', 'half-heard', 'answer-lost'] as const
export type Mishap = (typeof MISHAPS)[number]

/** Between everybody and the servers. */
export interface ClumsyNetwork {
  readonly url: string
  /** Where the servers listen. */
  serve(ports: readonly number[]): void
  close(): Promise<void>
}

/** Headers for whoever sends a request: what is to go wrong with it, and which server gets it; they end here. */
export const MISHAP_HEADER = 'x-simulated-mishap'
export const SERVER_HEADER = 'x-simulated-server'

/** Passes requests on, whole, to the server they name or to each in turn, unless they name a mishap. */
export async function openClumsyNetwork(): Promise<ClumsyNetwork> {
  const agent = new Agent({ keepAlive: true })
  let ports: readonly number[] = []
  let turn = 0
  const server = createServer(async (asked, answer) => {
    const body = await buffer(asked).catch(() => undefined)
    const { [MISHAP_HEADER]: mishap, [SERVER_HEADER]: wanted, ...headers } = asked.headers
    if (!body || mishap === 'never-heard') return void answer.destroy()
    const port = ports[Number(wanted ?? turn++) % ports.length] ?? 0
    const sent = request({ agent, port, method: asked.method, path: asked.url, headers }, async (heard) => {
      const said = await buffer(heard).catch(() => undefined)
      if (!said || mishap === 'answer-lost') return void answer.destroy()
      // A connection that is not used again cannot be found dead, which clients forgive by asking twice.
      answer.writeHead(heard.statusCode ?? 502, { ...heard.headers, connection: 'close' }).end(said)
    })
    sent.on('error', () => answer.destroy())
    if (mishap !== 'half-heard') return void sent.end(body)
    if (body.length > 1) sent.write(body.subarray(0, body.length / 2), () => sent.destroy())
    else sent.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    serve(those) {
      ports = those
    },
    async close() {
      agent.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
