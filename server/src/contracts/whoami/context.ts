import type { AccountMailContext, PasswordPolicy, SignInContext } from '../../identity/index.ts'
import type { MediaStore } from '../../media/index.ts'
import type { DoorContext } from '../http/front-door.ts'
import type { CsrfTickets } from './csrf.ts'

/** What the routes of the whoami contract work with; app.ts puts it together. */
export interface WhoamiContext extends DoorContext {
  readonly signIn: SignInContext
  readonly passwordPolicy: PasswordPolicy
  /** What mails to customers are written with. */
  readonly mails: AccountMailContext
  readonly tickets: CsrfTickets
  readonly media: MediaStore
}
