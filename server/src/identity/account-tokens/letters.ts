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

export function verificationLetter({ shopName, publicUrl }: Letterhead, { to, token, expiresAt }: Contents): Letter {
  return {
    kind: 'verify-email',
    to,
    subject: `${shopName}: confirm your e-mail address`,
    ...bodies({
      shopName,
      before: `Somebody, hopefully you, gave this e-mail address for an account at ${shopName}. Confirm that it is yours:`,
      link: `${publicUrl}/verify-email?token=${token}`,
      after: `The link works once, until ${inWords(expiresAt)}. If it was not you, there is nothing you have to do.`,
      token,
    }),
  }
}

export function resetLetter({ shopName, publicUrl }: Letterhead, { to, token, expiresAt }: Contents): Letter {
  return {
    kind: 'reset-password',
    to,
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

interface Parts {
  readonly shopName: string
  readonly before: string
  readonly link: string
  readonly after: string
  readonly token: string
}

const FOR_APPS = 'An app may ask for the code alone:'

function bodies({ shopName, before, link, after, token }: Parts): Pick<Letter, 'text' | 'html'> {
  const text = ['Hello,', before, link, after, `${FOR_APPS}\n${token}`, shopName]
  const html = [
    'Hello,',
    escapeHtml(before),
    `<a href="${escapeHtml(link)}">${escapeHtml(link)}</a>`,
    escapeHtml(after),
    `${FOR_APPS}<br>\n<code>${escapeHtml(token)}</code>`,
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

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
