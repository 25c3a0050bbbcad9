import type { createTransport } from 'nodemailer'
import type { MailAddress } from './mail.ts'
import { messageOf } from './message.ts'
import { type MailSender, Undeliverable } from './sender.ts'

const WITHIN_MS = 60_000

/**
 * Sends by SMTP, each mail on a connection of its own.
 *
 * @param url `smtp://user:password@host:587`, upgraded to TLS if the server can; `smtps://` begins with it. A password is
 *   never sent in the clear, except to this machine.
 * @param options.withinMs how long a try may take in all, and a third of it without any answer
 */
export function makeSmtpSender(
  url: string,
  from: MailAddress,
  { withinMs = WITHIN_MS }: { withinMs?: number } = {},
): MailSender {
  const { protocol, hostname, port, username, password } = new URL(url)
  const secure = protocol === 'smtps:'
  const host = hostname.replace(/^\[|\]$/g, '')
  const silenceMs = Math.ceil(withinMs / 3)
  let transport: ReturnType<typeof createTransport> | undefined
  const options = {
    host,
    port: Number(port) || (secure ? 465 : 587),
    secure,
    ...(username && {
      auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
      requireTLS: !secure && !isThisMachine(host),
    }),
    connectionTimeout: silenceMs,
    greetingTimeout: silenceMs,
    socketTimeout: silenceMs,
    dnsTimeout: silenceMs,
  }

  return {
    async send(mail, signal) {
      const message = messageOf(mail, from)
      const { createTransport } = await import('nodemailer') // no start waits for it
      transport ??= createTransport(options)
      // For a server that keeps talking and never comes to an end.
      const deadline = AbortSignal.timeout(withinMs)
      try {
        await transport.sendMail({ ...message, signal: AbortSignal.any([signal, deadline]) })
      } catch (error) {
        if (isRefusedForGood(error)) throw new Undeliverable((error as SmtpError).response, { cause: error })
        if (deadline.aborted) throw new Error('the mail server did not come to an end in time', { cause: error })
        throw error
      }
    },
  }
}

interface SmtpError extends Error {
  readonly responseCode?: number
  readonly response?: string
  readonly command?: string
}

/**
 * A reply in the 500s to the recipient or to the mail itself is about this mail (RFC 5321, 4.2.1). To anything else, such
 * as the password or the sender, it is about how we are set up, which the operator can mend.
 */
function isRefusedForGood(error: unknown): boolean {
  const { responseCode = 0, command = '' } = error as SmtpError
  return responseCode >= 500 && responseCode < 600 && ['RCPT TO', 'DATA'].includes(command)
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}
