import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe } from 'node:diagnostics_channel'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import pg from 'pg'

/** Of requests that carry this header the statements are written down. */
export const WATCHED = 'x-watched'

/** A request's statements by name; one that has none by how it begins. `begin` and `commit` are round trips, too. */
export type StatementLog = ReadonlyMap<string, readonly string[]>

/**
 * Writes down, for servers that are started from now on, what each watched request asks the database: by
 * `POST /api/bucket`, the route's name. What jobs ask in the meantime is nobody's request.
 */
export function logStatements(): StatementLog {
  const log = new Map<string, string[]>()
  const asking = new AsyncLocalStorage<string[]>()

  subscribe('fastify.initialization', (message) => {
    const { fastify } = message as { fastify: FastifyInstance }
    const begun = new WeakMap<FastifyRequest, string[]>()
    fastify.addHook('onRequest', (request, _reply, done) => {
      if (request.headers[WATCHED] === undefined) return done()
      const statements: string[] = []
      begun.set(request, statements)
      log.set(`${request.method} ${request.routeOptions.url}`, statements)
      asking.run(statements, done)
    })
    // Reading a body leaves the context behind: its events come from the socket.
    fastify.addHook('preValidation', (request, _reply, done) => {
      const statements = begun.get(request)
      if (statements) asking.run(statements, done)
      else done()
    })
  })

  const query = pg.Client.prototype.query as (...args: unknown[]) => unknown
  pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
    const [asked] = args as [string | pg.QueryConfig]
    asking.getStore()?.push(nameOf(asked))
    return query.apply(this, args)
  } as typeof pg.Client.prototype.query
  return log
}

function nameOf(asked: string | pg.QueryConfig): string {
  if (typeof asked === 'string') return asked.slice(0, 40)
  return asked.name ?? asked.text.slice(0, 40)
}
