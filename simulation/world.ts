import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { SANDBOX_POS, type StartedSimulator, startPayuSimulator } from 'payu-simulator'
import { buildApp } from '../server/src/app.ts'
import { type Config, readConfig } from '../server/src/config.ts'
import { makeHasher } from '../server/src/identity/index.ts'
import { type Jobs, makeJobs, type StartJobs } from '../server/src/jobs.ts'
import { type Database, LOOKUPS, openDatabase } from '../server/src/store/database.ts'
import { addEndpoint } from '../server/src/webhooks/index.ts'
import { type ListeningToDatabase, listenToDatabase, Words } from '../test/money/words.ts'
import { freshDatabase } from '../test/support/database.ts'
import { type HookReceiver, startHookReceiver } from '../test/support/hook-receiver.ts'
import { admitRacers } from '../test/support/racers.ts'
import { runAlone } from '../test/support/server-commands.ts'
import type { ShopServer } from '../test/support/shop-server.ts'
import type { Transfer } from '../test/support/statements.ts'
import { CLOCK_SETTINGS, SimulatedClock } from './clock.ts'
import { type ClumsyNetwork, openClumsyNetwork } from './network.ts'
import { Shelf } from './shelf.ts'
import { type KnownOrder, Shopper } from './shopper.ts'

/** What a world is made of, besides the steps that are taken in it. */
export interface Terms {
  /** On one database. */
  readonly servers: number
  /** PayU only blocks the money, and the shop captures it. */
  readonly isBlocking: boolean
  /** How many steps are taken at once. More than one: what an answer has to be is not foretold. */
  readonly atOnce: number
}

/** One server of the shop, with a line to the database that can be cut at a word. */
export interface SimulatedServer {
  readonly app: FastifyInstance
  readonly jobs: Jobs
  readonly words: Words
}

/** The whole shop, everybody in it, and what they remember. */
export interface World {
  readonly terms: Terms
  readonly clock: SimulatedClock
  /** Staff's, and of whoever checks the books. */
  readonly db: Database
  readonly network: ClumsyNetwork
  readonly servers: readonly SimulatedServer[]
  readonly payu: StartedSimulator
  readonly shelf: Shelf
  readonly shoppers: readonly Shopper[]
  readonly hooks: HookReceiver
  /** Transfers that shoppers have sent, and how many of them staff have imported. */
  readonly bank: { readonly transfers: Transfer[]; imported: number }
  /** What staff have done that the books show and nobody else may. */
  readonly staff: {
    /** Orders whose transfer they say has come. */
    readonly confirmed: Set<string>
    /** Attempts whose money they took though it was not the sum. */
    readonly accepted: Set<string>
    /** Orders they refund in this step. */
    readonly refunding: Set<string>
    /** Refunds they say they have sent. */
    readonly sentByHand: Set<string>
  }
  /** How the orders stood after the step before. */
  before: ReadonlyMap<string, Standing>
  /** What became of the steps: `clerk refunds: ok`, and how often. */
  readonly tally: Map<string, number>
  /** What no shop may do: noticed by whoever was told so. */
  readonly violations: string[]
  close(): Promise<void>
}

export interface Standing {
  readonly status: string
  /** Its pieces are held until then; null: for as long as it takes, or not at all. */
  readonly heldUntil: Date | null
}

const SHOPPERS = 3
export const PASSWORD = 'a long enough passphrase'
/** Few, so that it is reached. */
export const UNPAID_ORDERS_MAX = 3

export async function openWorld(terms: Terms): Promise<World> {
  const closers: (() => unknown)[] = []
  const close = async () => {
    for (const it of closers.reverse()) await it()
  }
  try {
    const database = await freshDatabase({ poolSize: 1 })
    closers.push(() => database.drop())
    const { connection } = database
    const db = openDatabase({ connection, poolSize: 4, settings: { ...CLOCK_SETTINGS } })
    closers.push(() => db.close())
    const clock = await SimulatedClock.start(connection, db)
    closers.push(() => clock.stop())
    await runAlone(connection, REMEMBER)

    const dataDir = mkdtempSync(join(tmpdir(), 'tradepost-simulation-'))
    closers.push(() => rmSync(dataDir, { recursive: true, force: true }))
    const network = await openClumsyNetwork()
    closers.push(() => network.close())
    const pos = { ...SANDBOX_POS, autoReceive: !terms.isBlocking }
    const payu = await startPayuSimulator({ manual: true, pointsOfSale: [pos] })
    closers.push(() => payu.close())
    const hooks = await startHookReceiver()
    closers.push(() => hooks.stop())

    const config = readConfig({
      ...{ NODE_ENV: 'test', DATA_DIR: dataDir, DEMO: 'off', LOG_LEVEL: 'silent', THROTTLE: 'off' },
      ...{ PUBLIC_URL: network.url, SECRET_KEY: 'a-key-for-tests-and-for-nothing-else' },
      UNPAID_ORDERS_MAX: String(UNPAID_ORDERS_MAX),
      ...{ PAYU_POS_ID: pos.posId, PAYU_CLIENT_SECRET: pos.clientSecret, PAYU_SECOND_KEY: pos.secondKey },
      ...{ PAYU_URL: payu.url, PAYU_BLIK_CODE: 'on' },
    })
    const servers: SimulatedServer[] = []
    const ports: number[] = []
    for (let i = 0; i < terms.servers; i++) {
      const { server, port, stop } = await startServer(config, connection)
      closers.push(stop)
      servers.push(server)
      ports.push(port)
    }
    network.serve(ports)

    await addEndpoint(db, { url: hooks.url, kinds: [], mayBePrivate: true })
    const shelf = new Shelf()
    await shelf.fill(db)
    const shoppers = await admitShoppers(config, db, network.url)
    return {
      ...{ terms, clock, db, network, servers, payu, shelf, shoppers, hooks, close },
      bank: { transfers: [], imported: 0 },
      staff: { confirmed: new Set(), accepted: new Set(), refunding: new Set(), sentByHand: new Set() },
      before: new Map(),
      tally: new Map(),
      violations: [],
    }
  } catch (error) {
    await close()
    throw error
  }
}

export const ordersIn = ({ shoppers }: World): KnownOrder[] => shoppers.flatMap(({ orders }) => orders)

async function startServer(config: Config, connection: Parameters<typeof lineTo>[0]) {
  const words = new Words()
  const line = await lineTo(connection, words)
  // Whoever is cut off may come again at once.
  const cut = () => {
    line.cut()
    words.serve(cut)
  }
  words.serve(cut)
  const through = line.through
  const db = openDatabase({ connection: through, poolSize: 6, settings: { ...LOOKUPS, ...CLOCK_SETTINGS } })
  let jobs: Jobs | undefined
  const runJobs: StartJobs = (context) => {
    const made = makeJobs(context, new AbortController().signal)
    jobs = made
    return { stop: () => made.stop(Promise.resolve()) }
  }
  const app = await buildApp(config, db, { runJobs })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const stop = async () => {
    app.server.closeAllConnections()
    await app.close()
    await db.close()
    line.close()
  }
  return { server: { app, words, jobs: jobs as Jobs }, port: (app.server.address() as AddressInfo).port, stop }
}

type Connection = Awaited<ReturnType<typeof freshDatabase>>['connection']

/** A line of its own to the database, on which words are counted. */
async function lineTo(connection: Connection, words: Words): Promise<ListeningToDatabase & { through: Connection }> {
  const { connectionString, host = 'localhost', port = 5432 } = connection
  if (connectionString) {
    const url = new URL(connectionString)
    const target = { host: decodeURIComponent(url.hostname), port: Number(url.port || 5432) }
    const line = await listenToDatabase(target, words)
    url.host = `127.0.0.1:${line.port}`
    return { ...line, through: { connectionString: url.href } }
  }
  const target = host.startsWith('/') ? { path: join(host, `.s.PGSQL.${port}`) } : { host, port }
  const line = await listenToDatabase(target, words)
  return { ...line, through: { ...connection, host: '127.0.0.1', port: line.port } }
}

let passwordHash: string | undefined

/** Signed in, with a password, and with an address that was confirmed: then every mail about an order is sent. */
async function admitShoppers(config: Config, db: Database, baseUrl: string): Promise<Shopper[]> {
  passwordHash ??= await makeHasher().hash(PASSWORD)
  const clients = await admitRacers({ config, db, baseUrl } as ShopServer, SHOPPERS, 'shopper')
  await db.query({
    text: 'update customers set password_hash = $1, email_verified_at = joined_at',
    values: [passwordHash],
  })
  const { rows } = await db.query<{ id: string; username: string }>({ text: 'select id, username from customers' })
  return clients.map((client, i) => {
    const name = `shopper${i + 1}`
    return new Shopper(name, rows.find(({ username }) => username === name)?.id ?? '', client)
  })
}

/** What is written down about mails and webhooks outlives them: the shop forgets them after a while. */
const REMEMBER = `
  create schema remembered;
  create table remembered.mails (kind text not null, order_id uuid not null, position integer not null);
  create table remembered.deliveries (order_id uuid not null, position integer not null);
  create table remembered.given_up (order_id uuid not null, position integer not null);
  create function remembered.remember_mail() returns trigger language plpgsql as $$
  begin insert into remembered.mails values (new.kind, new.thread, new.thread_position); return null; end $$;
  create trigger remember after insert on mails
    for each row when (new.thread is not null) execute function remembered.remember_mail();
  create function remembered.remember_delivery() returns trigger language plpgsql as $$
  begin insert into remembered.deliveries values (new.order_id, new.position); return null; end $$;
  create trigger remember_new after insert on webhook_deliveries
    for each row execute function remembered.remember_delivery();
  create function remembered.remember_given_up() returns trigger language plpgsql as $$
  begin insert into remembered.given_up values (new.order_id, new.position); return null; end $$;
  create trigger remember after update of state on webhook_deliveries
    for each row when (new.state = 'failed') execute function remembered.remember_given_up();`
