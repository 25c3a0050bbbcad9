import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Command } from 'commander'
import type { Config } from '../config.ts'
import { isUuid, type MailId } from '../kernel/ids.ts'
import { OperatorError } from '../kernel/operator-error.ts'
import {
  emlFile,
  findMail,
  findNthMail,
  type ListedMail,
  listMails,
  makeMailSeal,
  textOfEml,
  withoutControls,
} from '../mail/index.ts'
import type { Db } from '../store/database.ts'
import { withStore } from './run.ts'

const SHOWN = 50

export function mailCommand(): Command {
  return new Command('mail')
    .description('list the mails that were sent, wait or failed; without SMTP_URL, read them')
    .argument('[mail]', 'which to show: its number in the list, or its id')
    .addHelpText(
      'after',
      `
Without SMTP_URL mails lie in DATA_DIR/mail, a file each. Otherwise they are sent, and of what was sent only the
heading is kept. The list goes back a month.`,
    )
    .action(async (which: string | undefined) => {
      await withStore(async (config, { db }) => {
        if (which === undefined) await showList(db)
        else await showOne(config, db, which)
      })
    })
}

async function showList(db: Db): Promise<void> {
  const { count, items } = await listMails(db, { limit: SHOWN })
  if (count === 0) return console.log('No mails yet.')
  const width = String(items.length).length
  for (const [i, mail] of items.entries()) {
    const { queuedAt, state, to, subject, lastError } = mail
    const cells = [String(i + 1).padStart(width), inWords(queuedAt), state.padEnd(9), seen(to), seen(subject)]
    console.log(cells.join('  '))
    if (lastError !== null) console.log(`${' '.repeat(width + 2)}${troubleOf(mail)}`)
  }
  if (count > items.length) console.log(`… and ${count - items.length} older ones`)
}

async function showOne({ dataDir, secretKeys }: Config, db: Db, which: string): Promise<void> {
  const id = isUuid(which) ? (which as MailId) : (await findByNumber(db, which))?.id
  const mail = id && (await findMail(db, makeMailSeal(secretKeys), id))
  if (!mail)
    throw new OperatorError(`There is no mail ${seen(which)}: \`tradepost mail\` lists them with their numbers.`)

  const { to, subject, kind, queuedAt, state, lastError } = mail
  const file = emlFile(join(dataDir, 'mail'), mail.id)
  const eml = await readFile(file, 'utf8').catch(() => undefined)
  const heading = [
    ['Id', mail.id],
    ['To', to],
    ['Subject', subject],
    ['Written', inWords(queuedAt)],
    ['About', kind],
    ['State', lastError === null ? state : `${state}: ${troubleOf(mail)}`],
    ...(eml === undefined ? [] : [['File', file]]),
  ]
  for (const [name = '', value = ''] of heading) console.log(`${`${name}:`.padEnd(9)}${seen(value)}`)
  const text = mail.text ?? (eml === undefined ? undefined : textOfEml(eml))
  const none = state === 'waiting' ? 'It is sealed with a SECRET_KEY that is not set now.' : 'Its text is not kept.'
  console.log(`\n${text === undefined ? none : seenLines(text.trimEnd())}`)
}

async function findByNumber(db: Db, text: string): Promise<ListedMail | undefined> {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : 0
  return number > 0 ? findNthMail(db, number) : undefined
}

function troubleOf({ state, attempts, lastError, nextTryAt }: ListedMail): string {
  const tries = attempts === 1 ? '1 try' : `${attempts} tries`
  const next = state === 'waiting' ? `, next at ${inWords(nextTryAt)}` : ''
  return `${tries}${next}: ${seen(lastError ?? '')}`
}

/** `2026-11-20 13:00:00 UTC` */
function inWords(time: Date): string {
  return `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

/** Nothing in a mail shall move the cursor. */
const seen = withoutControls

function seenLines(text: string): string {
  return text.split('\n').map(seen).join('\n')
}
