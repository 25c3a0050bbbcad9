import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifySchema } from 'fastify'
import type { MountedSimulator, MountOptions, PayuSimulator } from 'payu-simulator'
import { freePort } from '../../scripts/free-port.mjs'
import { buildApp, makeGateways, makePayu } from '../../server/src/app.ts'
import { type Config, readConfig } from '../../server/src/config.ts'
import type { Gateways } from '../../server/src/payments/index.ts'
import { SIMULATOR_PATH, simulatePayu } from '../../server/src/simulated-payu.ts'
import { importProducts } from '../../server/src/stock/index.ts'
import type { Database } from '../../server/src/store/database.ts'
import { type FreshDatabase, freshDatabase } from './database.ts'
import { prepareSecondServer, wantsTwoServers } from './second-server.ts'

/** The whole server, as an operator runs it, on a database of its own. */
export interface ShopServer {
  /** Where it listens, and its PUBLIC_URL: the links it hands out can be followed. */
  readonly baseUrl: string
  readonly db: Database
  readonly config: Config
  readonly app: FastifyInstance
  /** All it answers to, whether or not the reference shows it; those of the simulator are the simulator's. */
  readonly routes: readonly ServedRoute[]
  /** The PayU that is mounted in it. Nothing happens there by itself: `settle` has its notifications delivered. */
  readonly simulator: PayuSimulator
  /** As the server's own, for tests that do a job's work at a moment of their choice. */
  readonly gateways: Gateways
  /** Ends it and drops the database. */
  stop(): Promise<void>
}

/** One method of one path. */
export interface ServedRoute {
  readonly method: string
  /** With the names of its parameters, such as `/api/bucket/:bucket_uuid`. */
  readonly url: string
  /** Only for customers who are signed in. */
  readonly signedIn: boolean
  readonly schema: FastifySchema
}

/**
 * Starts the real app on 127.0.0.1, without any data, without a word in the log, and without a limit on tries or unpaid orders.
 *
 * @param options.env settings over those for tests: `{ LOG_LEVEL: 'error' }` shows what went wrong inside
 * @param options.simulator over those for tests; with PAYU_… settings, and in production, there is none
 */
export async function startShopServer(
  options: { env?: Readonly<Record<string, string>>; poolSize?: number; simulator?: Partial<MountOptions> } = {},
): Promise<ShopServer> {
  const database = await freshDatabase({ ...(options.poolSize && { poolSize: options.poolSize }) })
  const dataDir = mkdtempSync(join(tmpdir(), 'tradepost-test-'))
  const second = wantsTwoServers() ? await prepareSecondServer(options.simulator) : undefined
  async function leave(): Promise<void> {
    await second?.stop()
    await database.drop()
    rmSync(dataDir, { recursive: true, force: true })
  }
  try {
    const env = { DATA_DIR: dataDir, ...second?.env, ...options.env }
    const { app, config, routes, ...mounted } = await listenSomewhere(database, env, options.simulator)
    const simulator = second?.simulator ?? mounted.simulator
    await second?.start(settingsOf(database, env))
    const payu = makePayu(config, { simulator: mounted.simulator, ownUrl: () => config.publicUrl, log: app.log })
    const stop = async () => {
      await payu?.close()
      await app.close()
      await leave()
    }
    return {
      ...{ baseUrl: config.publicUrl, db: database.db, config, app, routes, stop },
      gateways: makeGateways(config, payu),
      get simulator() {
        if (!simulator) throw new Error('this server has no simulator')
        return simulator
      },
    }
  } catch (error) {
    await leave()
    throw error
  }
}

/** Another server of the same shop, on the same database; stop it before the first one. */
export async function startBeside(server: ShopServer, settings: Partial<Config> = {}): Promise<ShopServer> {
  // Two simulators cannot have the same books.
  const config = { ...server.config, payuSimulator: false, ...settings }
  const { app, routes } = await buildWatched(config, server.db, undefined)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  return { ...server, baseUrl: `http://127.0.0.1:${port}`, config, app, routes, stop: () => app.close() }
}

function settingsOf({ url }: FreshDatabase, env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return {
    DATABASE_URL: url,
    SECRET_KEY: 'a-key-for-tests-and-for-nothing-else',
    DEMO: 'off',
    LOG_LEVEL: 'silent',
    THROTTLE: 'off',
    UNPAID_ORDERS_MAX: '0',
    ...env,
  }
}

/** PUBLIC_URL has the port in it, so it has to be known beforehand; who loses a free port to somebody tries another. */
async function listenSomewhere(
  database: FreshDatabase,
  env: Readonly<Record<string, string>>,
  options: Partial<MountOptions> | undefined,
): Promise<Watched & { config: Config }> {
  for (;;) {
    const port = Number(env.PORT ?? (await freePort()))
    const config = readConfig({ NODE_ENV: 'test', PORT: String(port), ...settingsOf(database, env) })
    const { app, ...watched } = await buildWatched(config, database.db, options)
    try {
      await app.listen({ host: '127.0.0.1', port })
      return { app, config, ...watched }
    } catch (error) {
      await app.close()
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    }
  }
}

interface Watched {
  readonly app: FastifyInstance
  readonly routes: ServedRoute[]
  readonly simulator: MountedSimulator | undefined
}

/** Fastify tells its routes only while they are added, so somebody has to listen from the start. */
async function buildWatched(
  config: Config,
  db: Database,
  options: Partial<MountOptions> | undefined,
): Promise<Watched> {
  const routes: ServedRoute[] = []
  function watch(message: unknown): void {
    const { fastify } = message as { fastify: FastifyInstance }
    fastify.addHook('onRoute', ({ method, url, config, schema = {} }) => {
      if (url.startsWith(SIMULATOR_PATH)) return
      const signedIn = config?.signedIn === true
      for (const each of [method].flat()) routes.push({ method: each, url, signedIn, schema })
    })
  }
  const simulator = await simulatePayu(config, { manual: true, ...options })
  subscribe('fastify.initialization', watch)
  try {
    return { app: await buildApp(config, db, { simulator }), routes, simulator }
  } finally {
    unsubscribe('fastify.initialization', watch)
  }
}

/** A product on the shelf; what is left out is made up. */
export interface StockedProduct {
  readonly sku: string
  readonly name?: string
  readonly description?: string
  /** Such as `3000.00`. */
  readonly price?: string
  readonly type?: string
  readonly status?: string
  readonly warehouse?: string
  readonly quantity?: number
  /** A file's name; {@link hangPicture} makes the file. */
  readonly picture?: string
}

/**
 * Imports the products as a shopkeeper would. The same sku again, with another warehouse, adds pieces there.
 *
 * @returns the products' ids, by sku
 */
export async function stockShop(db: Database, products: readonly StockedProduct[]): Promise<Record<string, string>> {
  const rows = products.map((product) => [
    product.sku,
    product.name ?? product.sku,
    product.description ?? '',
    product.price ?? '3000.00',
    product.type ?? 'things',
    product.status ?? 'regular',
    product.picture ?? '',
    product.warehouse ?? 'main',
    String(product.quantity ?? 10),
  ])
  const header = ['sku', 'name', 'description', 'price', 'product_type', 'status', 'picture', 'warehouse', 'quantity']
  const csv = [header, ...rows]
    .map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join(','))
    .join('\n')
  await importProducts(db, Readable.from([Buffer.from(csv)]), { currency: 'PLN' })
  const { rows: stored } = await db.query<{ sku: string; id: string }>({
    text: 'select sku, id from products where sku = any ($1)',
    values: [products.map(({ sku }) => sku)],
  })
  return Object.fromEntries(stored.map(({ sku, id }) => [sku, id]))
}

/** Puts a picture where the server looks for the catalogue's. */
export function hangPicture({ config }: ShopServer, fileName: string, content: string): void {
  const directory = join(config.dataDir, 'pictures')
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, fileName), content)
}
