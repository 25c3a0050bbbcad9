import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { emptyDatabase, type FreshDatabase, freshDatabase } from '../../../test/support/database.ts'
import { openDatabase } from './database.ts'
import { MigrationError, migrate, pendingMigrations } from './migrate.ts'

let fresh: FreshDatabase
let directory: string

beforeEach(async () => {
  fresh = await emptyDatabase()
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'tradepost-test-migrations-'))
  write('0001_notes.sql', '-- safe\ncreate table note (words text);\ncreate index on note (words);\n')
  write('0002_authors.sql', '-- breaking: every note has an author\nalter table note add author text not null;\n')
})

afterEach(async () => {
  fs.rmSync(directory, { recursive: true })
  await fresh.drop()
})

const write = (file: string, sql: string) => fs.writeFileSync(path.join(directory, file), sql)

async function columnsOfNote(): Promise<string[]> {
  const text = `select column_name as name from information_schema.columns where table_name = 'note' order by name`
  return (await fresh.db.query<{ name: string }>({ text })).rows.map(({ name }) => name)
}

test('what is pending is applied in order, once', async () => {
  expect(await pendingMigrations(fresh.db, { directory })).toEqual(['0001_notes', '0002_authors'])
  expect(await migrate(fresh.db, { directory })).toEqual(['0001_notes', '0002_authors'])
  expect(await columnsOfNote()).toEqual(['author', 'words'])
  expect(await pendingMigrations(fresh.db, { directory })).toEqual([])
  expect(await migrate(fresh.db, { directory })).toEqual([])
})

test('a database that is up to date costs one query', async () => {
  await migrate(fresh.db, { directory })
  let queries = 0
  const counting = {
    ...fresh.db,
    query: (config: Parameters<typeof fresh.db.query>[0]) => {
      queries++
      return fresh.db.query(config)
    },
  } as typeof fresh.db
  await migrate(counting, { directory })
  expect(queries).toBe(1)
})

test('of servers that start together, each migration is run by one', async () => {
  const others = [1, 2, 3].map(() => openDatabase({ connection: fresh.connection, poolSize: 1 }))
  const applied = await Promise.all([fresh.db, ...others].map((db) => migrate(db, { directory })))
  expect(applied.flat().sort()).toEqual(['0001_notes', '0002_authors'])
  await Promise.all(others.map((db) => db.close()))
})

test('a migration that fails half-way leaves nothing, those before it stay', async () => {
  write('0003_wrong.sql', '-- safe\nalter table note add mood text;\nalter table nota add mood text;\n')
  await expect(migrate(fresh.db, { directory })).rejects.toThrow(
    /0003_wrong failed, nothing of it.*"nota" does not exist/,
  )
  expect(await columnsOfNote()).toEqual(['author', 'words'])
  expect(await pendingMigrations(fresh.db, { directory })).toEqual(['0003_wrong'])
})

test('an applied file that was edited is refused, one with the line ends of Windows is not', async () => {
  await migrate(fresh.db, { directory })
  const sql = fs.readFileSync(path.join(directory, '0001_notes.sql'), 'utf8')
  write('0001_notes.sql', sql.replaceAll('\n', '\r\n'))
  expect(await migrate(fresh.db, { directory })).toEqual([])
  write('0001_notes.sql', `${sql}drop table note;\n`)
  await expect(migrate(fresh.db, { directory })).rejects.toThrow('The migration 0001_notes was edited')
  expect(await columnsOfNote()).toEqual(['author', 'words'])
})

test('a database that a newer program has migrated is refused', async () => {
  await migrate(fresh.db, { directory })
  fs.rmSync(path.join(directory, '0002_authors.sql'))
  await expect(migrate(fresh.db, { directory })).rejects.toThrow(
    'A newer Tradepost has migrated this database (0002_authors)',
  )
})

test.each([
  ['0004_gap.sql', '-- safe\n', 'There is no migration 0003 before 0004_gap.sql'],
  ['0002_twice.sql', '-- safe\n', 'Two migrations have the number 0002; 0002_twice.sql is one'],
  ['three.sql', '-- safe\n', 'three.sql is no name for a migration'],
  ['0003_silent.sql', 'select 1;\n', 'The first line of 0003_silent.sql must be'],
  ['0003_curt.sql', '-- breaking\n', 'The first line of 0003_curt.sql must be'],
])('the file %s is refused before anything is applied', async (file, sql, message) => {
  write(file, sql)
  const refused = migrate(fresh.db, { directory })
  await expect(refused).rejects.toThrow(MigrationError)
  await expect(refused).rejects.toThrow(message)
  expect(await columnsOfNote()).toEqual([])
})

test("the program's own migrations are in order, and the tests' database has them all", async () => {
  const migrated = await freshDatabase()
  expect(await pendingMigrations(migrated.db)).toEqual([])
  await migrated.drop()
})
