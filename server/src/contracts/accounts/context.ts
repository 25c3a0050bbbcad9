import type { AccountMailContext, AvatarIntake, PasswordPolicy, SignInContext } from '../../identity/index.ts'
import type { MediaStore } from '../../media/index.ts'
import type { DoorContext } from '../http/front-door.ts'
import type { CsrfTokens } from '../http/session-csrf.ts'

/** What the routes of the accounts contract work with; app.ts puts it together. */
export interface AccountsContext extends DoorContext {
  readonly signIn: SignInContext
  readonly passwordPolicy: PasswordPolicy
  /** What mails to customers are written with. */
  readonly mails: AccountMailContext
  readonly csrf: CsrfTokens
  readonly media: MediaStore
  readonly avatars: AvatarIntake
}
