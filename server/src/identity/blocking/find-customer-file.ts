import type { CustomerId } from '../../kernel/ids.ts'
import type { Db } from '../../store/database.ts'
import { nameKey } from '../names.ts'
import * as sql from './blocking.sql.ts'

/** What an operator may know of a customer's account. */
export interface CustomerFile {
  readonly id: CustomerId
  readonly username: string
  readonly email: string
  readonly emailVerifiedAt: Date | null
  readonly joinedAt: Date
  /** Null: may sign in. */
  readonly blockedAt: Date | null
  /** Was moved in, and has not signed in here yet. */
  readonly followsImport: boolean
  /** Live ones, of any kind. */
  readonly sessions: number
  /** When one of them was used last, to within half a minute or so; null without one. */
  readonly seenAt: Date | null
}

/** @param name the username or the e-mail, without regard to case */
export async function findCustomerFile(db: Db, name: string): Promise<CustomerFile | undefined> {
  return await sql.findFile(db, nameKey(name))
}
