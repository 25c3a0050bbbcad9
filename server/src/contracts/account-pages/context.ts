import type { AccountMailContext, PasswordPolicy, SignInContext } from '../../identity/index.ts'
import type { Database } from '../../store/database.ts'

/** What these pages work with; app.ts puts it together. */
export interface AccountPagesContext {
  readonly db: Database
  readonly signIn: SignInContext
  readonly passwordPolicy: PasswordPolicy
  readonly mails: AccountMailContext
}
