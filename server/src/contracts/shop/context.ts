import type { PasswordPolicy, SessionActivity, SignInContext } from '../../identity/index.ts'
import type { HoldTerms } from '../../orders/index.ts'
import type { Gateways, TransferAccount } from '../../payments/index.ts'
import type { Database } from '../../store/database.ts'
import type { CsrfTokens } from './csrf.ts'

/** What the routes of the shop contract work with; app.ts puts it together. */
export interface ShopContext {
  readonly db: Database
  /** What everything that takes a password works with. */
  readonly signIn: SignInContext
  readonly passwordPolicy: PasswordPolicy
  readonly sessionActivity: SessionActivity
  readonly hold: HoldTerms
  readonly gateways: Gateways
  readonly transferAccount: TransferAccount | undefined
  /** Without a trailing slash; what `next` and `previous` start with. */
  readonly publicUrl: string
  readonly csrf: CsrfTokens
  /** Where the catalogue's pictures lie. */
  readonly picturesDir: string
}
