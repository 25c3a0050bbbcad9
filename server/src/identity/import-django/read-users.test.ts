import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { BadRows } from '../../kernel/import-file/index.ts'
import { decideColumns } from './columns.ts'
import { type FoundUser, readUsers } from './read-users.ts'

async function read(content: string | Buffer, { map = '', model = 'auth.user', fileName = 'users' } = {}) {
  const decided = decideColumns(map)
  if (!('columns' in decided)) expect.fail(decided.problem)
  const badRows = new BadRows()
  const others: string[] = []
  const users: FoundUser[] = []
  const onOther = (other: string) => others.push(other)
  const input = Readable.from([Buffer.from(content as string)])
  for await (const user of readUsers(input, { columns: decided.columns, model, fileName, onOther }, badRows))
    users.push(user)
  return { users, others, badRows: badRows.kept, input }
}

test('users of a dump are found by their model, whatever its case, and other objects are told', async () => {
  const dump = [
    { model: 'auth.group', pk: 1, fields: { name: 'clerks' } },
    { model: 'auth.User', pk: 1, fields: { username: 'anna', email: 'a@b.pl', groups: [] } },
    { pk: 2, fields: {} },
    { username: 'jan' },
    { model: 'auth.\u001b[2J', fields: {} },
  ]
  const lacking = 'is nothing that dumpdata writes: it lacks "model" or "fields"'
  expect(await read(`\ufeff${JSON.stringify(dump)}`)).toMatchObject({
    users: [{ line: 1, item: 2, values: { username: 'anna', email: 'a@b.pl', password: undefined } }],
    others: ['auth.group'],
    badRows: [
      { line: 1, item: 3, problem: lacking },
      { line: 1, item: 4, problem: lacking },
      { line: 1, item: 5, problem: lacking },
    ],
  })
})

test('a custom model and a column map are taken as they are told', async () => {
  const dump = { model: 'accounts.customer', fields: { login: 'anna', mail: 'a@b.pl', username: 'not this' } }
  const { users } = await read(JSON.stringify([dump]), { model: 'accounts.customer', map: 'username=login,email=mail' })
  expect(users[0]?.values).toMatchObject({ username: 'anna', email: 'a@b.pl' })
})

test('a table is read by its header; a row of another length is a bad one', async () => {
  const { users, badRows } = await read('id,username,email,password\r\n1,anna,a@b.pl,"x,y"\r\n2,jan\r\n3,ewa,,\r\n')
  expect(users).toEqual([
    { line: 2, values: { username: 'anna', email: 'a@b.pl', password: 'x,y' } },
    { line: 4, values: { username: 'ewa', email: '', password: '' } },
  ])
  expect(badRows).toEqual([{ line: 3, problem: 'has 2 values for 4 columns: quote values that hold commas' }])
})

test.each([
  ['', 'the file is empty'],
  [' \n ', 'the file is empty'],
  [gzipSync('[]'), 'the file is compressed: unpack it first'],
  ['<?xml version="1.0"?>', 'the file is XML: let dumpdata write JSON (--format json)'],
  ['- model: auth.user\n', 'the file is YAML: let dumpdata write JSON (--format json)'],
  [Buffer.from('\ufeff[]', 'utf16le'), 'the file is UTF-16: save it as UTF-8 ("CSV UTF-8" in a spreadsheet)'],
  ['username;email;password\n', 'the values are separated by semicolons: separate them by commas'],
])('%j is refused in words, and the file is closed', async (content, problem) => {
  const input = Readable.from([Buffer.from(content as string)])
  const options = { columns: { names: {}, required: new Set<never>() }, model: 'auth.user', onOther: () => {} }
  await expect(readUsers(input, options, new BadRows()).next()).rejects.toMatchObject({
    badRows: [{ line: 1, problem }],
  })
  expect(input.destroyed).toBe(true)
})

test('a file that is called JSON and begins otherwise is no table', async () => {
  await expect(read('Loading settings …\n[{}]', { fileName: 'dump/Users.JSON' })).rejects.toMatchObject({
    badRows: [{ problem: 'the file is called JSON and does not begin with "[": let dumpdata write it, with -o FILE' }],
  })
})
