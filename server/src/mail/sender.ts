import type { OutgoingMail } from './mail.ts'

/** Who takes mails to where they are read. Sending the same one again does no harm: it keeps its Message-ID. */
export interface MailSender {
  /**
   * @param signal gives the try up
   * @throws Undeliverable when trying again is of no use
   */
  send(mail: OutgoingMail, signal: AbortSignal): Promise<void>
}

/** This mail will never get there, whatever the state of the server. */
export class Undeliverable extends Error {
  override readonly name = 'Undeliverable'
}
