import { pbkdf2Sync } from 'node:crypto'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../../../test/support/database.ts'
import type { CustomerId } from '../../kernel/ids.ts'
import type { ImportFailed } from '../../kernel/import-file/index.ts'
import type { Database } from '../../store/database.ts'
import { blockCustomer, unblockCustomer } from '../blocking/index.ts'
import { replacePassword } from '../identity.sql.ts'
import { makeHasher, makeStandInPoint } from '../passwords/index.ts'
import { register } from '../register.ts'
import { signIn } from '../sign-in.ts'
import { UNTHROTTLED } from '../throttle/index.ts'
import { decideColumns } from './columns.ts'
import { type DjangoImportOptions, type DjangoImportResult, importDjango } from './import-django.ts'

let fresh: FreshDatabase
let db: Database

beforeAll(async () => {
  fresh = await freshDatabase()
  db = fresh.db
})
afterAll(() => fresh.drop())
beforeEach(async () => {
  await db.query({ text: 'delete from customers' })
})

const HASH = 'pbkdf2_sha256$36000$xvzy4LeTXEol$y/Rkl8Qn8JQ49tc3pIzRjX7+CLEPIzL9RZLoHqVz5n0='
const OTHER_HASH = 'bcrypt_sha256$$2y$05$CCCCCCCCCCCCCCCCCCCCC.EXJVUA/Aphdo3aEaBdAzAzIeBMdtiGW'
const DJANGO_HASH = `pbkdf2_sha256$1000$salt$${pbkdf2Sync('obiwansux', 'salt', 1_000, 32, 'sha256').toString('base64')}`
const HEADER = 'username,email,password,first_name,last_name,is_active,date_joined'

function run(
  content: string,
  { map = '', ...options }: Partial<Omit<DjangoImportOptions, 'columns'>> & { map?: string } = {},
): Promise<DjangoImportResult> {
  const decided = decideColumns(map)
  if (!('columns' in decided)) expect.fail(decided.problem)
  const input = Readable.from([Buffer.from(content)])
  return importDjango(db, input, { columns: decided.columns, model: 'auth.user', ...options })
}

const csv = (...lines: string[]) => `${[HEADER, ...lines].join('\n')}\n`
const user = (fields: object) => ({ model: 'auth.user', pk: 1, fields })
/** A row for somebody of that name. */
const row = (name: string, { email = `${name}@example.com`, hash = HASH } = {}) =>
  `${name},${email},"${hash}",${name},,t,2020-01-01`

async function failureOf(work: () => Promise<unknown>): Promise<ImportFailed> {
  const before = await everybody()
  const failure = await work().then(
    () => expect.fail('the import should have failed'),
    (error) => error as ImportFailed,
  )
  expect(failure.name).toBe('ImportFailed')
  expect(await everybody()).toEqual(before)
  return failure
}

/** All customers, as text, by username. */
async function everybody(): Promise<string[]> {
  const { rows } = await db.query<{ line: string }>({
    text: `select concat_ws(' | ', username, email, split_part(password_hash, '$', 1), first_name, last_name, phone,
                            to_char(joined_at, 'YYYY-MM-DD HH24:MI:SS.US'),
                            case when blocked_at is not null then 'blocked' end) as line
             from customers order by username_key`,
  })
  return rows.map((found) => found.line)
}

async function hashOf(username: string): Promise<string | undefined> {
  const text = 'select password_hash as hash from customers where username = $1'
  return (await db.query<{ hash: string }>({ text, values: [username] })).rows[0]?.hash
}

const hasher = makeHasher()
const standInPoint = makeStandInPoint(['a-key-for-tests-and-for-nothing-else'])
const WEEK = { idleDays: 7, maxDays: 7 }
const signedIn = (name: string) =>
  signIn(
    db,
    { hasher, terms: { cookie: WEEK, access: WEEK, jwt: WEEK }, throttle: UNTHROTTLED, standInPoint },
    { name, password: 'obiwansux', origin: { kind: 'cookie', address: '127.0.0.1', agent: 'vitest' } },
  )

async function idOf(username: string): Promise<CustomerId> {
  const { rows } = await db.query<{ id: CustomerId }>({
    text: 'select id from customers where username = $1',
    values: [username],
  })
  return rows[0]?.id ?? expect.fail(`nobody is called ${username}`)
}

test('users of a dump are customers afterwards, and what is no user is counted', async () => {
  const dump = [
    { model: 'auth.group', pk: 1, fields: { name: 'clerks' } },
    user({
      username: 'Anna',
      email: 'Anna@Example.com',
      password: HASH,
      first_name: 'Anna',
      last_name: 'Kowalska',
      date_joined: '2017-10-25T07:46:11.123456+02:00',
      is_active: true,
      is_staff: true,
      is_superuser: true,
      last_login: null,
      groups: [1],
    }),
    user({
      username: 'ewa',
      email: 'ewa@example.com',
      password: '!kx8',
      is_active: true,
      date_joined: '2020-01-01T00:00:00Z',
    }),
    user({
      username: 'jan',
      email: 'jan@example.com',
      password: HASH,
      is_active: false,
      date_joined: '2020-01-01T00:00:00Z',
    }),
    { model: 'sessions.session', pk: 'x', fields: {} },
  ]
  const imported = {
    customers: { added: 3, changed: 0, unchanged: 0, leftAlone: 0 },
    leftOut: 0,
    blocked: 1,
    withoutPassword: 1,
    notBlocked: { count: 0, usernames: [] },
    staff: 1,
    others: new Map([
      ['auth.group', 1],
      ['sessions.session', 1],
    ]),
    badRows: [],
    mistakes: 0,
  }
  expect(await run(JSON.stringify(dump))).toEqual(imported)
  expect(await everybody()).toEqual([
    'Anna | Anna@Example.com | pbkdf2_sha256 | Anna | Kowalska |  | 2017-10-25 05:46:11.123456',
    'ewa | ewa@example.com | !kx8 |  |  |  | 2020-01-01 00:00:00.000000',
    'jan | jan@example.com | pbkdf2_sha256 |  |  |  | 2020-01-01 00:00:00.000000 | blocked',
  ])
  expect([await hashOf('Anna'), await hashOf('ewa'), await hashOf('jan')]).toEqual([HASH, '!kx8', HASH])

  const versions = () => db.query({ text: 'select id, xmin from customers order by id' })
  const before = (await versions()).rows
  expect(await run(JSON.stringify(dump))).toEqual({
    ...imported,
    customers: { added: 0, changed: 0, unchanged: 3, leftAlone: 0 },
  })
  expect((await versions()).rows).toEqual(before)
})

test('a table of one’s own comes in by its column map', async () => {
  const table = `login,mail,pwd_hash,fname,mobile\nanna,anna@example.com,${HASH},Anna,123\n`
  await run(table, { map: 'username=login,email=mail,password=pwd_hash,first_name=fname,phone=mobile' })
  expect((await everybody())[0]).toMatch(/^anna \| anna@example\.com \| pbkdf2_sha256 \| Anna \| {2}\| 123 \| /)
})

test('every mistake of the file is reported with its line, and nothing is changed', async () => {
  await run(csv(row('ola'), row('kasia')))
  const { badRows, total } = await failureOf(() =>
    run(
      csv(
        row('anna'), // 2
        row('ＡＮＮＡ', { email: 'other@example.com' }), // 3
        row('ewa', { email: 'Anna@example.com' }), // 4
        row('jan', { email: '' }), // 5
        row('jan', { email: 'jan@example.com' }), // 6: the one before is bad, and in its way all the same
        row('Ola', { email: 'new@example.com' }), // 7
        row('zofia', { email: 'KASIA@example.com' }), // 8
        row('ola'), // 9
        'two words', // 10
        'iza,iza@example.com,plain,I"za,,t,', // 11
        `iza,iza@example.com,${HASH},,,t,9999-01-01`, // 12
      ),
    ),
  )
  expect(badRows).toEqual([
    {
      line: 3,
      column: 'username',
      problem: 'line 2 has this username already, as "anna": case and look-alike letters do not count',
    },
    {
      line: 4,
      column: 'email',
      problem: 'line 2 has this e-mail already, as "anna@example.com": case and look-alike letters do not count',
    },
    { line: 5, column: 'email', problem: 'is missing: a customer needs one' },
    { line: 6, column: 'username', problem: 'line 5 has this username already' },
    {
      line: 7,
      column: 'username',
      problem: 'a customer with this username is here already, with another e-mail',
    },
    {
      line: 8,
      column: 'email',
      problem: 'a customer with this e-mail is here already, under the username "kasia"',
    },
    {
      line: 9,
      column: 'username',
      problem: 'line 7 has this username already, as "Ola": case and look-alike letters do not count',
    },
    { line: 10, problem: 'has 1 values for 7 columns: quote values that hold commas' },
    {
      line: 11,
      problem: 'a quote stands inside a value: put the whole value in quotes and write each inner quote twice',
    },
    { line: 12, column: 'date_joined', problem: 'lies in the future' },
  ])
  expect(total).toBe(10)
})

test('in a dump on one line users are told apart by their number', async () => {
  const dump = [
    user({ username: 'anna', email: 'a@b.pl', password: HASH }),
    user({ username: 'anna', email: 'b@b.pl', password: 'x' }),
  ]
  const { badRows } = await failureOf(() => run(JSON.stringify(dump)))
  expect(badRows).toEqual([
    { line: 1, item: 2, column: 'password', problem: 'is no password hash of Django' },
    { line: 1, item: 2, column: 'username', problem: 'object 1 has this username already' },
  ])
})

test('when bad rows are to be skipped the good ones are imported, and mended ones come with the next import', async () => {
  const good = [row('anna'), row('jan')]
  const first = await run(csv(...good, row('ewa', { email: 'none' }), 'short', row('Jan', { email: 'j@b.pl' })), {
    skipBad: true,
  })
  expect(first).toMatchObject({ customers: { added: 2, changed: 0, unchanged: 0 }, leftOut: 3, mistakes: 3 })
  expect(first.badRows.map(({ line }) => line)).toEqual([4, 5, 6])
  const second = await run(csv(...good, row('ewa')), { skipBad: true })
  expect(second).toMatchObject({ customers: { added: 1, changed: 0, unchanged: 2 }, leftOut: 0, mistakes: 0 })
  expect((await everybody()).map((line) => line.split(' | ')[0])).toEqual(['anna', 'ewa', 'jan'])
})

test('a file that breaks off is not imported even when bad rows are to be skipped', async () => {
  const dump = JSON.stringify([user({ username: 'anna', email: 'a@b.pl', password: HASH })])
  const { badRows } = await failureOf(() => run(dump.slice(0, -1), { skipBad: true }))
  expect(badRows).toEqual([{ line: 1, problem: 'the file breaks off before the closing "]"' }])
  await failureOf(() => run(csv(row('anna'), '"jan,jan@example.com'), { skipBad: true }))
})

test('a dry run tells what would be, and changes nothing', async () => {
  await run(csv(row('anna')))
  const before = await everybody()
  const later = csv(row('anna', { hash: OTHER_HASH }), row('jan'))
  const expected = { customers: { added: 1, changed: 1, unchanged: 0 } }
  expect(await run(later, { dryRun: true })).toMatchObject(expected)
  expect(await everybody()).toEqual(before)
  expect(await run(later)).toMatchObject(expected)
})

test('who has not signed in here yet is brought to what a later file says; what it does not say stays', async () => {
  await run(csv(row('anna'), row('jan'), row('ewa')))
  const later = `username,email,password,is_active,last_name
anna,anna@example.com,${OTHER_HASH},t,Nowak
jan,jan@example.com,${HASH},f,
ewa,ewa@example.com,${HASH},t,
`
  expect(await run(later)).toMatchObject({ customers: { added: 0, changed: 2, unchanged: 1 }, blocked: 1 })
  expect(await everybody()).toEqual([
    'anna | anna@example.com | bcrypt_sha256 | anna | Nowak |  | 2020-01-01 00:00:00.000000',
    'ewa | ewa@example.com | pbkdf2_sha256 | ewa |  |  | 2020-01-01 00:00:00.000000',
    'jan | jan@example.com | pbkdf2_sha256 | jan |  |  | 2020-01-01 00:00:00.000000 | blocked',
  ])
  expect(await run(csv(row('jan')))).toMatchObject({ customers: { added: 0, changed: 1, unchanged: 0 }, blocked: 0 })
  expect((await everybody()).at(-1)).toBe(
    'jan | jan@example.com | pbkdf2_sha256 | jan |  |  | 2020-01-01 00:00:00.000000',
  )
})

test('who has registered or signed in here is left alone, and told if they are inactive in Django', async () => {
  await run(csv(row('anna', { hash: DJANGO_HASH })))
  await signedIn('anna')
  const wish = { username: 'jan', email: 'jan@example.com', password: 'likes-tents', firstName: 'Johnny', address: '' }
  await register(db, { hasher, policy: 'documented', throttle: UNTHROTTLED }, wish)
  const before = [await everybody(), await hashOf('anna'), await hashOf('jan')]
  const inactive = (name: string) => `${name},${name}@example.com,${OTHER_HASH},${name},,f,2021-01-01`
  const result = await run(csv(inactive('anna'), inactive('jan'), inactive('ewa')))
  expect(result).toMatchObject({
    customers: { added: 1, changed: 0, unchanged: 0, leftAlone: 2 },
    blocked: 1,
    notBlocked: { count: 2, usernames: ['anna', 'jan'] },
  })
  expect((await everybody()).filter((line) => !line.startsWith('ewa'))).toEqual(before[0])
  expect([await hashOf('anna'), await hashOf('jan')]).toEqual(before.slice(1))
})

test('a hash of Django’s that looks like ours is nobody’s who has signed in: only a sign-in is that', async () => {
  const likeOurs = await hasher.hash('obiwansux')
  await run(csv(row('anna', { hash: likeOurs }), row('jan', { hash: likeOurs })))
  await signedIn('anna')
  expect(await run(csv(row('anna', { hash: OTHER_HASH }), row('jan', { hash: OTHER_HASH })))).toMatchObject({
    customers: { added: 0, changed: 1, unchanged: 0, leftAlone: 1 },
  })
  expect([await hashOf('anna'), await hashOf('jan')]).toEqual([likeOurs, OTHER_HASH])
})

test('who is left alone without a password in Django is not told to have none', async () => {
  await run(csv(row('anna', { hash: await hasher.hash('obiwansux') })))
  await signedIn('anna')
  expect(await run(csv(row('anna', { hash: '!' }), row('jan', { hash: '!' })))).toMatchObject({ withoutPassword: 1 })
})

test('whom an operator has blocked or unblocked stays so, whatever the file says', async () => {
  const file = csv(row('anna'), `jan,jan@example.com,${HASH},jan,,f,2020-01-01`, row('ewa'))
  await run(file)
  await blockCustomer(db, 'anna')
  await unblockCustomer(db, 'jan')
  await unblockCustomer(db, 'ewa') // is not blocked, so nothing was said
  const before = await everybody()
  expect(before.map((line) => [line.split(' ')[0], line.endsWith('blocked')])).toEqual([
    ['anna', true],
    ['ewa', false],
    ['jan', false],
  ])
  expect(await run(file)).toMatchObject({
    customers: { added: 0, changed: 0, unchanged: 1, leftAlone: 2 },
    blocked: 0,
    notBlocked: { count: 1, usernames: ['jan'] },
  })
  expect(await everybody()).toEqual(before)
})

test('a hash that is renewed while the import waits for its row is not overwritten (two connections)', async () => {
  await run(csv(row('anna')))
  const renewed = await hasher.hash('obiwansux')
  const { result } = await db.transaction(async (tx) => {
    await replacePassword(tx, await idOf('anna'), HASH, renewed)
    const result = run(csv(row('anna', { hash: OTHER_HASH })))
    await waitUntilSomebodyWaits()
    return { result }
  })
  expect(await result).toMatchObject({ customers: { changed: 0, unchanged: 0, leftAlone: 1 } })
  expect(await hashOf('anna')).toBe(renewed)
})

test.each([false, true])(
  'a name that is taken while the import waits for it is a bad row too, skipped: %s (two connections)',
  async (skipBad) => {
    const { outcome } = await db.transaction(async (tx) => {
      await tx.query({
        text: `insert into customers (id, username, username_key, email, email_key, password_hash)
          values (gen_random_uuid(), 'anna', 'anna', 'first@example.com', 'first@example.com', '!')`,
      })
      const outcome = run(csv(row('jan'), row('anna')), { skipBad }).catch((error: ImportFailed) => error)
      await waitUntilSomebodyWaits()
      return { outcome }
    })
    expect((await outcome).badRows).toEqual([
      { line: 3, column: 'username', problem: 'a customer with this username is here already, with another e-mail' },
    ])
    expect((await everybody()).length).toBe(skipBad ? 2 : 1)
  },
)

test('two imports of the same users at once end as one after the other (two connections)', async () => {
  const rows = Array.from({ length: 300 }, (_, i) => row(`user${i}`))
  const results = await Promise.all([run(csv(...rows)), run(csv(...rows.toReversed()))])
  expect(results.map(({ customers }) => customers.added).sort()).toEqual([0, 300])
  expect(results.map(({ customers }) => customers.unchanged).sort()).toEqual([0, 300])
})

test('a dump without the users asked for names what it has', async () => {
  const dump = [
    { model: 'accounts.customer', fields: {} },
    { model: 'accounts.customer', fields: {} },
  ]
  const { badRows } = await failureOf(() => run(JSON.stringify(dump)))
  expect(badRows).toEqual([
    { line: 1, problem: "holds no auth.user, but accounts.customer (2): name the users' model with --model" },
  ])
  expect(await run('[]')).toMatchObject({ customers: { added: 0, changed: 0, unchanged: 0 } })
})

test('of a file full of mistakes a thousand are kept, and all are counted; progress is told batch by batch', async () => {
  const seen: number[] = []
  const bad = Array.from({ length: 3_000 }, (_, i) =>
    row(`user${i % 1_500}`, { email: i < 1_500 ? 'none' : `${i}@b.pl` }),
  )
  const failure = await failureOf(() => run(csv(...bad), { onProgress: (users) => seen.push(users) }))
  expect([failure.badRows.length, failure.total]).toEqual([1_000, 3_000])
  expect(seen).toEqual([2_000, 3_000])
})

async function waitUntilSomebodyWaits(): Promise<void> {
  const text = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
  while ((await db.query({ text })).rowCount === 0) await new Promise((resolve) => setTimeout(resolve, 10))
}
