import { randomInt } from 'node:crypto'
import type { CustomerId } from '../kernel/ids.ts'
import { Refused } from '../kernel/refused.ts'
import type { Database, Db } from '../store/database.ts'
import { isUsername } from './names.ts'
import type { Hasher, PasswordPolicy } from './passwords/index.ts'
import type { IdentityRefusal } from './refusals.ts'
import { isNameTaken, type Mailing, type Registration, register } from './register.ts'

/**
 * Makes a customer who gave no username: it is made of the e-mail's first half, with a number behind it where that is
 * taken.
 *
 * @throws as {@link register} does, never for the username
 */
export async function registerWithAnyName(
  db: Database,
  hasher: Hasher,
  policy: PasswordPolicy,
  wish: Omit<Registration, 'username'>,
  mailing?: Mailing,
): Promise<{ id: CustomerId }> {
  for (;;) {
    const username = await findFreeName(db, wish.email)
    try {
      return await register(db, hasher, policy, { ...wish, username }, mailing)
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
