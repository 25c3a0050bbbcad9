import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import type { MailId } from '../kernel/ids.ts'

/** What a mail says. */
export interface MailBody {
  readonly text: string
  readonly html?: string
}

/**
 * Closes the bodies of mails that wait, and opens them again. They hold tokens of which everybody else keeps only the
 * hash: without this, whoever reads the table, a backup or a replica of it could use them before the customer does.
 *
 * Encrypting the whole body was preferred to making the token when the mail is delivered: each try would then undo the
 * link of the one before, which may have arrived, and mail would have to call back into the rooms that write to it.
 */
export interface MailSeal {
  close(id: MailId, body: MailBody): Buffer
  /** Undefined: closed under a key that is not among ours any more, for another mail, or damaged. */
  open(id: MailId, sealed: Buffer): MailBody | undefined
}

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** @param secretKeys the first one closes; those behind it still open */
export function makeMailSeal(secretKeys: readonly string[]): MailSeal {
  const keys = secretKeys.map((key) => Buffer.from(hkdfSync('sha256', key, '', 'tradepost mail body', 32)))
  const [newest] = keys
  if (!newest) throw new Error('mails need a key to be sealed with')
  return {
    close(id, body) {
      const nonce = randomBytes(NONCE_BYTES)
      // Bound to its row: a body is worth nothing in the place of another one.
      const cipher = createCipheriv(CIPHER, newest, nonce).setAAD(Buffer.from(id))
      const closed = Buffer.concat([cipher.update(JSON.stringify(body), 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), closed])
    },
    open(id, sealed) {
      for (const key of keys) {
        const body = openWith(key, id, sealed)
        if (body) return body
      }
      return undefined
    },
  }
}

function openWith(key: Buffer, id: MailId, sealed: Buffer): MailBody | undefined {
  const nonce = sealed.subarray(0, NONCE_BYTES)
  const tag = sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES)
  try {
    const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
    decipher.setAAD(Buffer.from(id)).setAuthTag(tag)
    const opened = [decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]
    return JSON.parse(Buffer.concat(opened).toString('utf8'))
  } catch {
    return undefined
  }
}
