import type { CustomerId, SessionId } from '../kernel/ids.ts'
import { Refused } from '../kernel/refused.ts'
import type { Db } from '../store/database.ts'
import type { Customer } from './customer.ts'
import { findCallerOf, findCustomerOf } from './identity.sql.ts'
import type { IdentityRefusal } from './refusals.ts'
import type { Presented } from './session.ts'

/** Who presents a live session's token. */
export interface Caller {
  readonly customerId: CustomerId
  readonly sessionId: SessionId
}

/** What a statement answers when it found no live session, as every room says it. */
export function notSignedIn(): Refused<IdentityRefusal> {
  return new Refused<IdentityRefusal>({ code: 'identity.not-signed-in' })
}

export async function findCaller(db: Db, presented: Presented): Promise<Caller | undefined> {
  return await findCallerOf(db, presented)
}

/** @throws identity.not-signed-in */
export async function getCaller(db: Db, presented: Presented): Promise<Caller> {
  const caller = await findCallerOf(db, presented)
  if (!caller) throw notSignedIn()
  return caller
}

/**
 * The caller, where they have to be the customer who is named: anybody else is answered as if there were no such one.
 *
 * @throws identity.not-signed-in, identity.customer-not-found
 */
export async function getCallerAs(db: Db, presented: Presented, customerId: CustomerId): Promise<Caller> {
  const caller = await getCaller(db, presented)
  if (caller.customerId !== customerId) throw customerNotFound()
  return caller
}

export function customerNotFound(): Refused<IdentityRefusal> {
  return new Refused<IdentityRefusal>({ code: 'identity.customer-not-found' })
}

/**
 * The caller's own profile, in one round trip, shared with those who ask for theirs at the same time.
 *
 * @throws identity.not-signed-in
 */
export async function getProfile(db: Db, presented: Presented): Promise<Customer> {
  const [customer] = await findCustomerOf(db, presented)
  if (!customer) throw notSignedIn()
  return customer
}
