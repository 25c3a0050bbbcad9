import { Refused } from '../../kernel/refused.ts'
import type { IdentityRefusal, PasswordWeakness } from '../refusals.ts'
import { isCommon } from './common.ts'
import { isLike } from './likeness.ts'

/** `documented` lets the contracts' own examples pass; `strong` is for real shops. */
export type PasswordPolicy = 'documented' | 'strong'

/** Whose password it is to be. */
export interface PasswordPerson {
  readonly username: string
  readonly email: string
  readonly firstName?: string | undefined
}

/** In characters, as all lengths of passwords. */
export const PASSWORD_LENGTH_MAX = 256
const LENGTH_MIN: Readonly<Record<PasswordPolicy, number>> = { documented: 5, strong: 10 }

/**
 * Whether somebody may take this password. All that is wrong with it is told at once.
 *
 * Asynchronous only because the list of common passwords is read when first needed.
 *
 * @throws identity.password-too-weak
 * @see docs/contracts/README.md, Passwords
 */
export async function decidePassword(policy: PasswordPolicy, password: string, person: PasswordPerson): Promise<void> {
  const reasons: PasswordWeakness[] = []
  const min = LENGTH_MIN[policy]
  if (characters(password) < min) reasons.push({ weakness: 'too-short', min })
  // The other questions take time that grows with the length, and would not save it.
  if (isTooLong(password)) reasons.push({ weakness: 'too-long', max: PASSWORD_LENGTH_MAX })
  else if (policy === 'strong') {
    if (await isCommon(password)) reasons.push({ weakness: 'too-common' })
    if (isLike(password, person.username)) reasons.push({ weakness: 'too-similar', field: 'username' })
    if (isLike(password, localPart(person.email))) reasons.push({ weakness: 'too-similar', field: 'email' })
    if (isLike(password, person.firstName ?? '')) reasons.push({ weakness: 'too-similar', field: 'first_name' })
  }
  if (reasons.length > 0) throw new Refused<IdentityRefusal>({ code: 'identity.password-too-weak', reasons })
}

/** Nobody's password can be this long; such a one is never hashed. */
export function isTooLong(password: string): boolean {
  // A character is at most two UTF-16 units: a huge text is not even counted.
  return password.length > 2 * PASSWORD_LENGTH_MAX || characters(password) > PASSWORD_LENGTH_MAX
}

function characters(text: string): number {
  let count = 0
  for (const _ of text) count += 1
  return count
}

function localPart(email: string): string {
  return email.slice(0, email.lastIndexOf('@') + 1).replace(/@$/, '')
}
