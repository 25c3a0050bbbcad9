import { join } from 'node:path'
import type pg from 'pg'
import { openTcpProxy } from '../../drill/tcp-proxy.mjs'

export type Network = Awaited<ReturnType<typeof openTcpProxy>>

/** A network of the test's own before a database: the same database, reached through it. */
export async function networkBefore(
  connection: pg.ClientConfig,
): Promise<{ network: Network; connection: pg.ClientConfig; url: string }> {
  if (connection.connectionString) {
    const url = new URL(connection.connectionString)
    const network = await openTcpProxy({ host: decodeURIComponent(url.hostname), port: Number(url.port || 5432) })
    url.host = `127.0.0.1:${network.port}`
    return { network, connection: { connectionString: url.href }, url: url.href }
  }
  const { host = 'localhost', port = 5432, user, password, database } = connection
  const network = await openTcpProxy(
    host.startsWith('/') ? { path: join(host, `.s.PGSQL.${port}`) } : { host, port: Number(port) },
  )
  const who = [user, password].filter((part) => typeof part === 'string').map((part) => encodeURIComponent(`${part}`))
  return {
    network,
    connection: { ...connection, host: '127.0.0.1', port: network.port },
    url: `postgres://${who.join(':')}@127.0.0.1:${network.port}/${database}`,
  }
}
