// A network that can go wrong: stands between a program and what it talks to.
import { connect, createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * Listens on a free port of 127.0.0.1 and passes everything on, until it is told otherwise.
 *
 * @param {import('node:net').NetConnectOpts | (() => import('node:net').NetConnectOpts)} target where to; asked for each connection
 */
export async function openTcpProxy(target) {
  /** @type {Set<{ ends: import('node:net').Socket[], isDeaf: boolean }>} */
  const connections = new Set()
  let swallowsAll = false
  let slowMs = 0

  const server = createServer((near) => {
    const connection = { ends: [near], isDeaf: swallowsAll }
    connections.add(connection)
    near.on('error', () => {})
    if (swallowsAll) return void near.on('data', () => {})
    const far = connect(typeof target === 'function' ? target() : target)
    connection.ends.push(far)
    far.on('error', () => {})
    carry(connection, near, far)
    carry(connection, far, near)
  })

  /** Bytes and the end of one direction, in order and as late as is asked for. */
  function carry(connection, from, to) {
    let last = Promise.resolve()
    const inOrder = (/** @type {() => void} */ step) => {
      const pauseMs = slowMs
      last = last.then(async () => {
        if (pauseMs > 0) await delay(pauseMs)
        if (!connection.isDeaf) step()
      })
    }
    from.on('data', (chunk) => inOrder(() => void (to.writable && to.write(chunk))))
    from.on('end', () => inOrder(() => to.end()))
    from.on('close', () =>
      inOrder(() => {
        to.destroy()
        connections.delete(connection)
      }),
    )
  }

  const listen = (port = 0) => new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(undefined)))
  const cut = () => {
    for (const { ends } of connections) {
      ends[0]?.resetAndDestroy()
      ends[1]?.destroy() // may be a Unix socket, which knows no reset
    }
    connections.clear()
  }
  await listen()
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())

  return {
    port,
    /** Everything is well again for new connections; what was swallowed stays so. */
    async pass() {
      swallowsAll = false
      slowMs = 0
      if (!server.listening) await listen(port)
    },
    /** Ends all connections at once; new ones are welcome. */
    cut,
    /** Ends all connections, and nobody listens any more. */
    async refuse() {
      const closed = new Promise((resolve) => server.close(resolve))
      cut()
      await closed
    },
    /** The connections that are open carry nothing any more, and nobody is told; new ones are well. */
    forget() {
      for (const connection of connections) connection.isDeaf = true
    },
    /** Nothing is carried any more, on old connections and new ones, and nobody is told. */
    swallow() {
      swallowsAll = true
      for (const connection of connections) connection.isDeaf = true
    },
    /** Each piece comes so much later. */
    slow(/** @type {number} */ ms) {
      slowMs = ms
    },
    async close() {
      const closed = server.listening && new Promise((resolve) => server.close(resolve))
      cut()
      await closed
    },
  }
}
