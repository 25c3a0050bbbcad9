import { mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { MailId } from '../kernel/ids.ts'
import type { MailAddress } from './mail.ts'
import { messageOf } from './message.ts'
import type { MailSender } from './sender.ts'

/**
 * Lays mails into a folder instead of sending them: a file each, as it would have gone out (RFC 5322). For the owner's
 * eyes alone; a file is there whole or not at all, and a second try writes the same one.
 */
export function makeFolderSender(directory: string, from: MailAddress): MailSender {
  return {
    async send(mail) {
      const { createTransport } = await import('nodemailer') // no start waits for it
      const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' })
      const { message } = await transport.sendMail(messageOf(mail, from))
      await mkdir(directory, { recursive: true, mode: 0o700 })
      await writeWhole(emlFile(directory, mail.id), message as Buffer)
    },
  }
}

/** Where {@link makeFolderSender} lays a mail. */
export function emlFile(directory: string, id: MailId): string {
  return join(directory, `${id}.eml`)
}

async function writeWhole(file: string, content: Buffer): Promise<void> {
  const draft = `${file}.${process.pid}.draft`
  try {
    const handle = await open(draft, 'w', 0o600)
    try {
      await handle.writeFile(content)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}
