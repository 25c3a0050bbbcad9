import type { RememberedPages } from '../../catalogue/index.ts'
import type { AccountMailContext, PasswordPolicy, SignInContext } from '../../identity/index.ts'
import type { MediaStore } from '../../media/index.ts'
import type { HoldTerms } from '../../orders/index.ts'
import type { Gateways, TransferAccount } from '../../payments/index.ts'
import type { DoorContext } from '../http/front-door.ts'
import type { CsrfTokens } from '../http/session-csrf.ts'

/** What the routes of the shop contract work with; app.ts puts it together. */
export interface ShopContext extends DoorContext {
  /** What everything that takes a password works with. */
  readonly signIn: SignInContext
  readonly passwordPolicy: PasswordPolicy
  /** What mails to customers are written with. */
  readonly mails: AccountMailContext
  readonly hold: HoldTerms
  /** So many unpaid orders a customer may have at once; undefined: any number. */
  readonly unpaidOrdersMax: number | undefined
  readonly gateways: Gateways
  readonly transferAccount: TransferAccount | undefined
  readonly csrf: CsrfTokens
  readonly media: MediaStore
  /** Of the catalogue. */
  readonly pages: RememberedPages
  /** Where the catalogue's pictures lie. */
  readonly picturesDir: string
}
