import type { Db } from './database.ts'

/**
 * A transaction on a connection that is held already, such as one with a staging table of its own, where
 * `db.transaction` will not do. It is not run again after a deadlock: whoever imports may simply do so again.
 */
export async function transactionOn<T>(client: Db, work: () => Promise<T>): Promise<T> {
  await client.query({ text: 'begin' })
  try {
    const result = await work()
    await client.query({ text: 'commit' })
    return result
  } catch (error) {
    await client.query({ text: 'rollback' }).catch(() => {})
    throw error
  }
}
