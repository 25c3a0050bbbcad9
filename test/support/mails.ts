import { type AccountMailContext, UNTHROTTLED } from '../../server/src/identity/index.ts'
import { makeMailSeal } from '../../server/src/mail/index.ts'

/** What mails about an account are written with, for use-cases that are tried without a server. */
export const TEST_MAILS: AccountMailContext = {
  letterhead: { shopName: 'Tradepost', publicUrl: 'https://shop.example' },
  seal: makeMailSeal(['a-key-for-tests-and-for-nothing-else']),
  throttle: UNTHROTTLED,
}
