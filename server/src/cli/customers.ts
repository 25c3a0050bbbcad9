import { Command } from 'commander'
import { type BlockedCustomer, blockCustomer, findCustomerFile, unblockCustomer } from '../identity/index.ts'
import { OperatorError } from '../kernel/operator-error.ts'
import { withStore } from './run.ts'

export function customersCommand(): Command {
  return new Command('customers')
    .description('look after customers: keep one out, let one in again')
    .addCommand(blockCommand())
    .addCommand(unblockCommand())
    .addCommand(showCommand())
    .addHelpText(
      'after',
      `
A customer is named by the username or the e-mail; case does not matter.

  $ npx tradepost customers block anakin
  $ npx tradepost customers show a.skywalker@deathstar.im`,
    )
}

const NAME = ['<name>', 'the username or the e-mail'] as const
const STATUS = '\nMay be repeated. Ends with status 1 when there is no such customer.'

function blockCommand(): Command {
  return new Command('block')
    .description('a customer cannot sign in any more, and is signed out everywhere at once')
    .argument(...NAME)
    .addHelpText(
      'after',
      `\nNo mail lets a blocked customer in again either. Their orders and payments go on.\n${STATUS}`,
    )
    .action(async (name: string) => {
      await withStore(async (_config, { db }) => {
        const customer = known(name, await blockCustomer(db, name))
        const { blockedAt, wasSo, endedSessions } = customer
        if (wasSo) console.log(`${called(customer)} is blocked already, since ${inWords(blockedAt)}.`)
        else console.log(`${called(customer)} is blocked; ${sessionsOf(endedSessions)} ended.`)
      })
    })
}

function unblockCommand(): Command {
  return new Command('unblock')
    .description('a blocked customer can sign in again, by the password they had')
    .argument(...NAME)
    .addHelpText('after', STATUS)
    .action(async (name: string) => {
      await withStore(async (_config, { db }) => {
        const customer = known(name, await unblockCustomer(db, name))
        console.log(`${called(customer)} ${customer.wasSo ? 'is not blocked' : 'can sign in again'}.`)
      })
    })
}

function showCommand(): Command {
  return new Command('show')
    .description("a customer's account: whether they are blocked, verified, signed in")
    .argument(...NAME)
    .addHelpText('after', '\nEnds with status 1 when there is no such customer.')
    .action(async (name: string) => {
      await withStore(async (_config, { db }) => {
        const file = known(name, await findCustomerFile(db, name))
        const { emailVerifiedAt, blockedAt, seenAt } = file
        const rows = [
          ['Username', file.username],
          ['E-mail', `${file.email}, ${emailVerifiedAt ? `verified ${inWords(emailVerifiedAt)}` : 'not verified'}`],
          ['Id', file.id],
          ['Joined', inWords(file.joinedAt)],
          ['Blocked', blockedAt ? `since ${inWords(blockedAt)}` : 'no'],
          ['Signed in', `${sessionsOf(file.sessions)}${seenAt ? `, last used ${inWords(seenAt)}` : ''}`],
          ...(file.followsImport ? [['Moved in', 'from Django, and has not signed in here yet']] : []),
        ]
        console.log(rows.map(([label = '', value]) => `${label.padEnd(11)}${value}`).join('\n'))
      })
    })
}

function known<T>(name: string, customer: T | undefined): T {
  if (customer === undefined) {
    throw new OperatorError(`No customer has the username or the e-mail ${JSON.stringify(name)}.`)
  }
  return customer
}

const called = ({ username, email }: BlockedCustomer) => (username === email ? username : `${username} (${email})`)

const sessionsOf = (count: number) => `${count} session${count === 1 ? '' : 's'}`

/** `2026-11-20 13:00 UTC` */
function inWords(time: Date | undefined): string {
  return `${time?.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
