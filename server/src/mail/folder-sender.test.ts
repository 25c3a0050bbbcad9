import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { newId } from '../kernel/ids.ts'
import { textOfEml } from './eml.ts'
import { emlFile, makeFolderSender } from './folder-sender.ts'
import type { OutgoingMail } from './mail.ts'

const FROM = { name: 'Namiot & Szlak', address: 'sklep@shop.example' }
const NEVER = new AbortController().signal

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tradepost-test-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const mail = (parts: Partial<OutgoingMail> = {}): OutgoingMail => ({
  id: newId(),
  to: 'anna@example.com',
  subject: 'Hello',
  text: 'Hello.\n',
  kind: 'test',
  queuedAt: new Date('2026-11-20T12:00:00Z'),
  ...parts,
})
/** The file's headers by their names, unfolded. */
async function laid(parts: Partial<OutgoingMail> = {}): Promise<{ eml: string; headers: Record<string, string> }> {
  const it = mail(parts)
  await makeFolderSender(directory, FROM).send(it, NEVER)
  const eml = readFileSync(emlFile(directory, it.id), 'utf8')
  const head = eml.slice(0, eml.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' ')
  return { eml, headers: Object.fromEntries(head.split('\r\n').map((line) => line.split(/: ?(.*)/s, 2))) }
}

describe('the folder', () => {
  test('holds one file a mail, for its owner alone, and no drafts', async () => {
    const it = mail()
    const folder = join(directory, 'mail')
    const sender = makeFolderSender(folder, FROM)
    await sender.send(it, NEVER)
    await sender.send(it, NEVER)
    expect(readdirSync(folder)).toEqual([`${it.id}.eml`])
    if (process.platform === 'win32') return
    expect(statSync(emlFile(folder, it.id)).mode & 0o777).toBe(0o600)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
  })

  test('holds nothing of a mail that could not be written', async () => {
    const it = mail()
    writeFileSync(join(directory, 'file'), '')
    await expect(makeFolderSender(join(directory, 'file'), FROM).send(it, NEVER)).rejects.toThrow()
    expect(existsSync(emlFile(directory, it.id))).toBe(false)
  })
})

describe('a mail', () => {
  test('says who it is from and to, when it was written, and that no machine shall answer', async () => {
    const it = mail()
    const { headers, eml } = await laid(it)
    expect(headers).toMatchObject({
      From: '"Namiot & Szlak" <sklep@shop.example>',
      To: 'anna@example.com',
      Subject: 'Hello',
      'Message-ID': `<${it.id}@shop.example>`,
      Date: 'Fri, 20 Nov 2026 12:00:00 +0000',
      'Auto-Submitted': 'auto-generated',
      'MIME-Version': '1.0',
    })
    expect(eml.replaceAll('\r\n', '')).not.toContain('\n')
  })

  test('has its Message-ID from the start, so that a second copy is known as one', async () => {
    const it = mail()
    const first = await laid(it)
    expect((await laid(it)).headers['Message-ID']).toBe(first.headers['Message-ID'])
  })

  test('has a subject in any language, in ASCII on the wire', async () => {
    const subject = 'Potwierdź swój adres — 确认您的电子邮件地址, łącznie z bardzo długim tematem ✓'
    const { headers, eml } = await laid({ subject })
    expect(eml.slice(0, eml.indexOf('\r\n\r\n'))).toMatch(/^[\x20-\x7e\r\n]+$/)
    expect(decodeWords(headers.Subject ?? '')).toBe(subject)
  })

  test.each([
    ['a line break', 'anna@example.com\r\nBcc: all@example.com'],
    ['a bare line feed', 'anna@example.com\nBcc: all@example.com'],
    ['a second address', 'anna@example.com, all@example.com'],
    ['an SMTP command', 'anna@example.com>\r\nRCPT TO:<all@example.com'],
    ['a quoted local part', '"all@example.com x"@example.com'],
    ['a comment', 'anna(all@example.com)@example.com'],
    ['a control character', 'an\x01na@example.com'],
    ['nothing', ''],
  ])('to an address with %s is undeliverable', async (_, to) => {
    await expect(laid({ to })).rejects.toThrow('not an address that can be mailed')
    expect(readdirSync(directory)).toEqual([])
  })

  test.each(['Hello\r\nBcc: all@example.com', 'Hello\nBcc: all@example.com', 'Hello\r\n\r\n<script>', 'Hello\rX: y'])(
    'has no header from its subject: %j',
    async (subject) => {
      const { headers } = await laid({ subject, html: '<p>Hello.</p>' })
      expect(Object.keys(headers)).toEqual(Object.keys((await laid({ html: '<p>Hello.</p>' })).headers))
      expect(Object.keys(headers)).not.toContain('Bcc')
    },
  )

  const link = `https://shop.example/reset-password?token=${'aZ-_'.repeat(11)}`
  test.each([
    ['short and plain', 'Hello.\n\nBye.\n'],
    ['with a long link', `Hello,\n\n${link}\n\nBye.\n`],
    ['with long lines', `${'word '.repeat(60)}end\n${link} and ${link}\n`],
    ['in Polish', `Zażółć gęślą jaźń = tak\n${link}\n`],
    ['in Chinese', `确认您的电子邮件地址\n${link}\n`],
    ['like a header', 'From: anna\nBcc: all\n.\n--\n'],
  ])('can be read again, text %s', async (_, text) => {
    expect(textOfEml((await laid({ text })).eml).trim()).toBe(text.trim())
    expect(textOfEml((await laid({ text, html: `<p>${link}</p>` })).eml).trim()).toBe(text.trim())
  })
})

/** RFC 2047. */
function decodeWords(text: string): string {
  return text.replace(/\?=\s+=\?/g, '?==?').replace(/(?:=\?UTF-8\?[QB]\?[^?]*\?=)+/gi, (words) => {
    const bytes = [...words.matchAll(/=\?UTF-8\?([QB])\?([^?]*)\?=/gi)].map(([, how, content = '']) =>
      how?.toUpperCase() === 'B'
        ? Buffer.from(content, 'base64')
        : Buffer.from(
            content
              .replaceAll('_', ' ')
              .replace(/=([0-9A-F]{2})/gi, (__, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
            'latin1',
          ),
    )
    return Buffer.concat(bytes).toString('utf8')
  })
}
