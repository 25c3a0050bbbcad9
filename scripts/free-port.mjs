import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

// Below where Linux, macOS and Windows take the ports of outgoing connections from, and above what fetch refuses to call.
const LOWEST = 12_000
const HIGHEST = 32_000

/**
 * A port of 127.0.0.1 that nobody listens on, for a server that is started in a moment, or again later: one that the system
 * gives away on its own (`listen(0)`) may be somebody's connection by then.
 *
 * @returns {Promise<number>}
 */
export async function freePort() {
  for (;;) {
    const port = randomInt(LOWEST, HIGHEST)
    if (await isFree(port)) return port
  }
}

/** @param {number} port */
async function isFree(port) {
  const server = createServer()
  const free = await new Promise((resolve, reject) => {
    server.once('error', (/** @type {NodeJS.ErrnoException} */ error) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    )
    server.listen(port, '127.0.0.1', () => resolve(true))
  })
  if (free) await new Promise((resolve) => server.close(resolve))
  return free
}
