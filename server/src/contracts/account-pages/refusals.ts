import type { IdentityRefusal } from '../../identity/index.ts'
import type { Refusal } from '../../kernel/refused.ts'
import type { HttpRefusal } from '../http/refusals.ts'

/** What a page says when there is no form to say it in. */
export interface PageReply {
  readonly status: number
  readonly title: string
  readonly text: string
  readonly retryAfterSeconds?: number
}

const AGAIN = 'Open the link in the mail again, and try once more.'

/** To a refusal that no field of a form can show. */
export function pageReplyTo(refusal: Refusal): PageReply {
  const known = refusal as HttpRefusal | IdentityRefusal
  switch (known.code) {
    case 'identity.too-many-tries':
    case 'identity.busy': {
      const { retryAfterSeconds } = known
      return {
        status: 429,
        title: 'Too many tries',
        text: `Try again ${inWords(retryAfterSeconds)}.`,
        retryAfterSeconds,
      }
    }
    case 'http.unavailable':
      return {
        status: 503,
        title: 'Not available now',
        text: 'Something is out of order on our side. Nothing of yours is lost: try again in a minute.',
        retryAfterSeconds: known.retryAfterSeconds,
      }
    case 'http.cross-site':
      return {
        status: 403,
        title: 'Not from here',
        text: `Your browser says that this form came from another site, or does not say where it came from. ${AGAIN}`,
      }
    case 'http.media-type':
      return { status: 415, title: 'That was no form of ours', text: AGAIN }
    case 'http.too-large':
      return { status: 413, title: 'That was too long', text: AGAIN }
    default:
      return { status: 400, title: 'That could not be read', text: AGAIN }
  }
}

/** To whatever was no refusal: its message is for the log alone. */
export const pageFailure: PageReply = {
  status: 500,
  title: 'Something went wrong',
  text: 'It is our mistake, and it has been written down. Try again later.',
}

function inWords(seconds: number): string {
  const minutes = Math.ceil(seconds / 60)
  return minutes <= 1 ? 'in a minute' : `in ${minutes} minutes`
}
