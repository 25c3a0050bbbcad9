import { randomInt } from 'node:crypto'
import { Refused } from '../kernel/refused.ts'
import type { Database, Db } from '../store/database.ts'
import { isUsername } from './names.ts'
import type { IdentityRefusal } from './refusals.ts'
import { createCustomer, isNameTaken, type RegisterContext, type Registered, type Registration } from './register.ts'

/**
 * Makes a customer who gave no username: it is made of the e-mail's first half, with a number behind it where that is
 * taken.
 *
 * @throws as `register` does, never for the username
 * @see docs/contracts/README.md, Accounts, `POST /create_user/`
 */
export async function registerWithoutUsername(
  db: Database,
  context: RegisterContext,
  wish: Omit<Registration, 'username'>,
): Promise<Registered> {
  await context.throttle.countRegistration(wish.address)
  for (;;) {
    const username = await findFreeName(db, wish.email)
    try {
      return await createCustomer(db, context, { ...wish, username })
    } catch (error) {
      // Somebody took the name since we looked; an e-mail that is taken stays so.
      const refusal = error instanceof Refused ? (error.refusal as IdentityRefusal) : undefined
      const isOnlyTheName = refusal?.code === 'identity.already-used' && !refusal.fields.includes('email')
      if (!isOnlyTheName || (await isNameTaken(db, wish.email))) throw error
    }
  }
}

async function findFreeName(db: Db, email: string): Promise<string> {
  const letters = [...(email.split('@', 1)[0] ?? '')].filter((character) => isUsername(character))
  const start = letters.slice(0, 50).join('')
  const base = start || 'customer'
  for (let name = base; ; name = `${base}${randomInt(10_000, 10_000_000)}`)
    if (!(await isNameTaken(db, name))) return name
}
