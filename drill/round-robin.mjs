// The smallest load balancer: each request to the next server, and past one that does not listen.
import { Agent, createServer, request } from 'node:http'

/**
 * @param {readonly number[]} ports of 127.0.0.1
 * @param {number} [port] where to listen
 */
export async function openRoundRobin(ports, port = 0) {
  const agent = new Agent({ keepAlive: true })
  let turn = 0
  const server = createServer((asked, answer) => {
    /** @type {Buffer[]} */
    const chunks = []
    asked.on('data', (chunk) => chunks.push(chunk))
    asked.on('error', () => {})
    asked.on('end', () => pass(Buffer.concat(chunks), ports.length))

    function pass(/** @type {Buffer} */ body, /** @type {number} */ triesLeft) {
      const { method, url: path, headers } = asked
      const to = /** @type {number} */ (ports[turn++ % ports.length])
      const sent = request({ agent, port: to, method, path, headers }, (heard) => {
        answer.writeHead(heard.statusCode ?? 502, { ...heard.headers, 'x-served-by': `${to}` })
        heard.on('error', () => answer.destroy())
        heard.pipe(answer)
      })
      sent.on('error', (/** @type {NodeJS.ErrnoException} */ error) => {
        // Nobody has heard it: the next may. Anything else could be work half done, and only the client may repeat it.
        if (error.code === 'ECONNREFUSED' && triesLeft > 1) pass(body, triesLeft - 1)
        else answer.destroy()
      })
      sent.end(body)
    }
  })
  await new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(undefined)))
  const address = /** @type {import('node:net').AddressInfo} */ (server.address())
  return {
    port: address.port,
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      agent.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
