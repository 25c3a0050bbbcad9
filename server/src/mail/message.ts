import { domainToASCII } from 'node:url'
import type { SendMailOptions } from 'nodemailer'
import type { MailAddress, OutgoingMail } from './mail.ts'
import { Undeliverable } from './sender.ts'

// Nothing that could end a header or an SMTP command, start another address, or hide from whoever looks.
const MAILABLE = /^[^\p{C}\s@"(),:;<>[\\\]]+@[^\p{C}\s@"(),:;<>[\\\]]+$/u

/**
 * The mail as nodemailer takes it. All that identifies it comes from its row, so that a second copy is known as one.
 *
 * @throws Undeliverable when the address is none
 */
export function messageOf({ id, to, subject, text, html, queuedAt }: OutgoingMail, from: MailAddress): SendMailOptions {
  if (!MAILABLE.test(to)) throw new Undeliverable('not an address that can be mailed')
  const domain = from.address.slice(from.address.lastIndexOf('@') + 1)
  return {
    // As objects: a text would be parsed as a list of addresses.
    from: { ...from },
    to: { name: '', address: to },
    envelope: { from: from.address, to: [to] },
    subject,
    text,
    ...(html !== undefined && { html }),
    date: queuedAt,
    messageId: `<${id}@${domainToASCII(domain) || 'localhost'}>`,
    // Nobody's holiday shall answer (RFC 3834).
    headers: { 'Auto-Submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}
