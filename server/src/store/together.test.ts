import pg from 'pg'
import { describe, expect, test } from 'vitest'
import type { Db } from './database.ts'
import { type Gather, readTogether, writeTogether } from './together.ts'

const aDatabase = () => ({}) as Db

/** Answers `KEY!`, and notes who was asked for together. Of what `hold` names each waits until it is let go. */
function watched(gather: Gather, fail: (keys: readonly string[]) => unknown = () => undefined) {
  const asked: string[] = []
  const held = new Map<string, () => void>()
  const hold = new Set<string>()
  const ask = gather<string, string>(async (_db, keys) => {
    const name = keys.join(' ')
    asked.push(name)
    if (hold.has(name)) await new Promise<void>((resolve) => held.set(name, resolve))
    const failure = fail(keys)
    if (failure !== undefined) throw failure
    return keys.map((key) => `${key}!`)
  })
  return { ask, asked, hold, letGo: (name: string) => held.get(name)?.() }
}

const failed = (code: string) => Object.assign(new pg.DatabaseError('failed', 6, 'error'), { code })
/** As long as it takes those who gather to be asked for, if they wait for nobody. */
async function moment(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}

describe.each([
  ['reads', readTogether],
  ['writes', writeTogether],
])('%s', (_what, gather) => {
  test('of one turn go together, each with its own answer, and those of another database by themselves', async () => {
    const { ask, asked } = watched(gather)
    const [db, other] = [aDatabase(), aDatabase()]
    const answers = await Promise.all([ask(db, 'a'), ask(db, 'b'), ask(other, 'c'), ask(db, 'a')])
    expect(answers).toEqual(['a!', 'b!', 'c!', 'a!'])
    expect(asked.toSorted()).toEqual(['a b a', 'c'])
    expect(await ask(db, 'd')).toBe('d!')
    expect(asked.at(-1)).toBe('d')
  })

  test('go twenty at a time', async () => {
    const { ask, asked } = watched(gather)
    const db = aDatabase()
    const keys = Array.from({ length: 50 }, (_, i) => `${i}`)
    expect(await Promise.all(keys.map((key) => ask(db, key)))).toEqual(keys.map((key) => `${key}!`))
    expect(asked.map((name) => name.split(' ').length)).toEqual([20, 20, 10])
  })

  test.each([
    ['the connection is lost', new Error('Connection terminated unexpectedly')],
    ['PostgreSQL is shut down', failed('57P01')],
  ])('fail together when %s, and nobody asks again', async (_why, failure) => {
    const { ask, asked } = watched(gather, () => failure)
    const db = aDatabase()
    const outcomes = await Promise.allSettled([ask(db, 'a'), ask(db, 'b')])
    expect(outcomes).toEqual(Array(2).fill({ status: 'rejected', reason: failure }))
    expect(asked).toEqual(['a b'])
  })
})

test('a read waits for no other', async () => {
  const { ask, hold, letGo, asked } = watched(readTogether)
  const db = aDatabase()
  hold.add('slow')
  const slow = ask(db, 'slow')
  await moment()
  expect(await ask(db, 'quick')).toBe('quick!')
  letGo('slow')
  expect(await slow).toBe('slow!')
  expect(asked).toEqual(['slow', 'quick'])
})

test('who comes while others are written goes with those who come meanwhile', async () => {
  const { ask, hold, letGo, asked } = watched((askForAll) => writeTogether(askForAll, 60_000))
  const db = aDatabase()
  hold.add('a')
  const first = ask(db, 'a')
  await moment()
  const others = ['b', 'c'].map((key) => ask(db, key))
  await moment()
  others.push(ask(db, 'd'))
  await moment()
  expect(asked).toEqual(['a'])
  letGo('a')
  expect(await Promise.all([first, ...others])).toEqual(['a!', 'b!', 'c!', 'd!'])
  expect(asked).toEqual(['a', 'b c d'])
})

test('a write that never ends holds nobody up for long', async () => {
  const { ask, hold, letGo, asked } = watched(writeTogether)
  const db = aDatabase()
  hold.add('a')
  const stuck = ask(db, 'a')
  await moment()
  expect(await ask(db, 'b')).toBe('b!')
  expect(asked).toEqual(['a', 'b'])
  letGo('a')
  expect(await stuck).toBe('a!')
})

test.each(['55P03', '57014', '23505', '40P01', '22003', 'P0001'])(
  'writes that PostgreSQL rolls back together (%s) are written alone, each with its own outcome',
  async (code) => {
    const failure = failed(code)
    const { ask, asked } = watched(writeTogether, (keys) => (keys.includes('bad') ? failure : undefined))
    const db = aDatabase()
    const outcomes = await Promise.allSettled(['a', 'bad', 'b'].map((key) => ask(db, key)))
    expect(outcomes).toEqual([
      { status: 'fulfilled', value: 'a!' },
      { status: 'rejected', reason: failure },
      { status: 'fulfilled', value: 'b!' },
    ])
    expect(asked).toEqual(['a bad b', 'a', 'bad', 'b'])
  },
)

test('a write that came alone and is rolled back is not written again', async () => {
  const failure = failed('23505')
  const { ask, asked } = watched(writeTogether, () => failure)
  await expect(ask(aDatabase(), 'a')).rejects.toBe(failure)
  expect(asked).toEqual(['a'])
})

test('reads that PostgreSQL rolls back fail together', async () => {
  const failure = failed('22003')
  const { ask, asked } = watched(readTogether, () => failure)
  const db = aDatabase()
  await expect(Promise.all([ask(db, 'a'), ask(db, 'b')])).rejects.toBe(failure)
  expect(asked).toEqual(['a b'])
})
