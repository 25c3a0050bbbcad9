import type { FastifyInstance } from 'fastify'
import { buildApp, type Circumstances } from './app.ts'
import { type Config, FINISH_WITHIN_MS } from './config.ts'
import { OperatorError } from './kernel/operator-error.ts'
import type { Store } from './store/connect.ts'

/** A process that answers requests. */
export interface Serving {
  /** Lets running requests finish, then leaves the database. */
  stop(): Promise<void>
}

type Served = Pick<Store, 'db' | 'close'>

/**
 * Builds the server on a database that is ready for it, and listens.
 *
 * @throws OperatorError
 */
export async function serve(config: Config, store: Served, circumstances: Circumstances = {}): Promise<Serving> {
  const app = await buildApp(config, store.db, circumstances)
  await listen(app, config)
  return { stop: () => stopServing(app, store) }
}

async function listen(app: FastifyInstance, { host, port }: Config): Promise<void> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    await app.close()
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE')
      throw new OperatorError(`Port ${port} on ${host} is taken. Stop what uses it, or set PORT to another.`)
    if (code === 'EACCES') throw new OperatorError(`Not allowed to listen on port ${port}. Set PORT to one above 1023.`)
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new OperatorError(`HOST=${host} is no address of this machine.`)
    throw error
  }
}

async function stopServing(app: FastifyInstance, store: Served): Promise<void> {
  const cutOff = setTimeout(() => app.server.closeAllConnections(), FINISH_WITHIN_MS)
  // A connection falls idle when its last request is answered, and would then be kept open for the next.
  const sweep = setInterval(() => app.server.closeIdleConnections(), 50)
  try {
    await app.close()
  } finally {
    clearTimeout(cutOff)
    clearInterval(sweep)
    await store.close()
  }
}
