import { escapeHtml } from '../../kernel/escape-html.ts'
import type { Letter } from '../../mail/index.ts'

/** What mails to customers say of the shop. */
export interface Letterhead {
  readonly shopName: string
  /** Without a trailing slash; where links lead. */
  readonly publicUrl: string
}

interface Contents {
  readonly to: string
  readonly token: string
  readonly expiresAt: Date
}

// Nothing a customer wrote is in these: whoever registers with another's address could send them a message that way.

/** @param contents.isChange whether the address takes the place of another, and is confirmed with the password */
export function verificationLetter(
  { shopName, publicUrl }: Letterhead,
  { to, token, expiresAt, isChange }: Contents & { readonly isChange: boolean },
): Letter {
  const toBeReady = isChange ? ' You will be asked for your password.' : ''
  return {
    kind: 'verify-email',
    to,
    sendBefore: expiresAt,
    subject: `${shopName}: confirm your e-mail address`,
    ...bodies({
      shopName,
      before: `Somebody, hopefully you, gave this e-mail address for an account at ${shopName}. Confirm that it is yours:`,
      link: `${publicUrl}/verify-email?token=${token}`,
      after: `The link works once, until ${inWords(expiresAt)}.${toBeReady} If it was not you, there is nothing you have to do.`,
      token,
    }),
  }
}

export function resetLetter({ shopName, publicUrl }: Letterhead, { to, token, expiresAt }: Contents): Letter {
  return {
    kind: 'reset-password',
    to,
    sendBefore: expiresAt,
    subject: `${shopName}: choose a new password`,
    ...bodies({
      shopName,
      before: `Somebody, hopefully you, asked for a new password for your account at ${shopName}. Choose one here:`,
      link: `${publicUrl}/reset-password?token=${token}`,
      after:
        `The link works once, until ${inWords(expiresAt)}, and signs you out everywhere. If it was not you, there is ` +
        'nothing you have to do: your password stays as it is.',
      token,
    }),
  }
}

/** To where the way back into the account leads, while the new address is not confirmed with the password. */
export function emailChangedLetter({ shopName, publicUrl }: Letterhead, to: string): Letter {
  return {
    kind: 'email-changed',
    to,
    subject: `${shopName}: your e-mail address was changed`,
    ...bodies({
      shopName,
      before:
        `Your account at ${shopName} was given another e-mail address. If it was you, confirm the new one with the ` +
        'link that is mailed there. If it was not you, choose a new password now:',
      link: `${publicUrl}/forgot-password`,
      after:
        'The link to do so will come to this address. It brings this address back and signs everybody out. That works ' +
        'until the new address is confirmed, which takes your password.',
    }),
  }
}

export function passwordChangedLetter({ shopName, publicUrl }: Letterhead, to: string): Letter {
  return {
    kind: 'password-changed',
    to,
    subject: `${shopName}: your password was changed`,
    ...bodies({
      shopName,
      before:
        `The password of your account at ${shopName} was changed. If it was you, there is nothing you have to do. If ` +
        'it was not you, choose a new one now:',
      link: `${publicUrl}/forgot-password`,
      after: 'The link to do so will come to this address, and signs everybody out.',
    }),
  }
}

interface Parts {
  readonly shopName: string
  readonly before: string
  readonly link: string
  readonly after: string
  readonly token?: string
}

const FOR_APPS = 'An app may ask for the code alone:'

function bodies({ shopName, before, link, after, token }: Parts): Pick<Letter, 'text' | 'html'> {
  const forApps = token === undefined ? [] : [`${FOR_APPS}\n${token}`]
  const text = ['Hello,', before, link, after, ...forApps, shopName]
  const html = [
    'Hello,',
    escapeHtml(before),
    `<a href="${escapeHtml(link)}">${escapeHtml(link)}</a>`,
    escapeHtml(after),
    ...(token === undefined ? [] : [`${FOR_APPS}<br>\n<code>${escapeHtml(token)}</code>`]),
    escapeHtml(shopName),
  ]
  return {
    text: `${text.join('\n\n')}\n`,
    html: `<!doctype html>\n<html lang="en">\n<body>\n${html.map((it) => `<p>${it}</p>`).join('\n')}\n</body>\n</html>\n`,
  }
}

/** `2026-11-20 13:00 UTC` */
function inWords(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
