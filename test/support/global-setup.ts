import type pg from 'pg'
import type { TestProject } from 'vitest/node'
import { openDatabase } from '../../server/src/store/database.ts'
import { migrate } from '../../server/src/store/migrate.ts'
import { inDatabase, runAlone } from './server-commands.ts'
import { startTestServer } from './test-server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    testServer: { connection: pg.ClientConfig; template: string; namePrefix: string }
  }
}

const DAY_S = 86_400

/** Before all tests: a server, and in it one migrated database, of which the tests get copies. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const server = await startTestServer()
  const nowS = Math.floor(Date.now() / 1000)
  const namePrefix = `tradepost_test_${nowS}_${process.pid}`
  const template = `${namePrefix}_template`

  async function tearDown(): Promise<void> {
    try {
      await dropDatabases(server.connection, (name) => name.startsWith(namePrefix))
    } finally {
      await server.stop()
    }
  }

  try {
    await dropDatabases(server.connection, (name) => Number(name.split('_')[2]) < nowS - DAY_S)
    await runAlone(server.connection, `create database ${template} template template0 encoding 'UTF8'`)
    const db = openDatabase({ connection: inDatabase(server.connection, template), poolSize: 1 })
    await migrate(db).finally(() => db.close())
  } catch (error) {
    await tearDown()
    throw error
  }
  console.log(`Tests run on ${server.description}.`)
  project.provide('testServer', { connection: server.connection, template, namePrefix })
  return tearDown
}

/** Test databases only: whatever else the server holds is not ours. */
async function dropDatabases(connection: pg.ClientConfig, isMeant: (name: string) => boolean): Promise<void> {
  const list = String.raw`select datname from pg_database where datname like 'tradepost\_test\_%'`
  for (const { datname } of (await runAlone(connection, list)).rows) {
    if (isMeant(datname)) await runAlone(connection, `drop database if exists ${datname} with (force)`)
  }
}
