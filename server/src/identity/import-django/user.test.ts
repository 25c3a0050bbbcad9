import { describe, expect, test } from 'vitest'
import { type ColumnMap, decideColumns } from './columns.ts'
import { decideJoinedAt } from './joined-at.ts'
import { decideUser } from './user.ts'

function columnsOf(map?: string): ColumnMap {
  const decided = decideColumns(map)
  return 'columns' in decided ? decided.columns : expect.fail(decided.problem)
}

const HASH = 'pbkdf2_sha256$36000$xvzy4LeTXEol$y/Rkl8Qn8JQ49tc3pIzRjX7+CLEPIzL9RZLoHqVz5n0='
const anna = { username: 'Anna', email: 'Anna@Example.com', password: HASH }

/** What is held against Anna with these values changed. */
function problemsOf(changed: object, map?: string): unknown[] {
  return decideUser({ ...anna, ...changed }, columnsOf(map)).problems
}

const userOf = (changed: object) => {
  const { user, problems } = decideUser({ ...anna, ...changed }, columnsOf())
  expect(problems).toEqual([])
  return user
}

test('a full user is read as it stands, with the names in the form in which they are compared', () => {
  const values = {
    first_name: ' Anna ',
    last_name: 'Kowalska',
    date_joined: '2017-10-25T07:46:11.123Z',
    is_active: true,
    is_staff: false,
    is_superuser: true,
    phone: 48_123_456_789,
    city: null,
    address: 'ul. Długa 1\nm. 2',
  }
  expect(userOf(values)).toEqual({
    username: 'Anna',
    usernameKey: 'anna',
    email: 'Anna@Example.com',
    emailKey: 'anna@example.com',
    passwordHash: HASH,
    firstName: 'Anna',
    lastName: 'Kowalska',
    patronymic: null,
    phone: '48123456789',
    city: '',
    address: 'ul. Długa 1\nm. 2',
    joinedAt: '2017-10-25T07:46:11.123+00:00',
    isInactive: false,
    hasPassword: true,
    isStaff: true,
  })
})

describe('passwords', () => {
  test('an unusable one is kept, an empty one becomes unusable', () => {
    expect(userOf({ password: '!kx8' })).toMatchObject({ passwordHash: '!kx8', hasPassword: false, isInactive: false })
    expect(userOf({ password: '' })).toMatchObject({ passwordHash: '!', hasPassword: false })
    expect(userOf({ password: null })).toMatchObject({ passwordHash: '!', hasPassword: false })
  })

  test.each([false, 'f', 'False', '0', 0])('of a user with is_active %j the hash is kept as it is', (is_active) =>
    expect(userOf({ is_active })).toMatchObject({ passwordHash: HASH, isInactive: true }),
  )

  test.each([true, 't', 'True', '1', 1, 'yes'])('a user with is_active %j is active', (is_active) =>
    expect(userOf({ is_active })).toMatchObject({ passwordHash: HASH, isInactive: false }),
  )

  test.each([
    [
      'md5$salt$f5531bef9f3687d0ccf0f617f0e25573',
      'is a hash of the kind md5: only pbkdf2_sha256, scrypt, bcrypt_sha256, argon2 can be checked',
    ],
    [
      'bcrypt$$2b$12$k0eQfZ83Y6b',
      'is a hash of the kind bcrypt: only pbkdf2_sha256, scrypt, bcrypt_sha256, argon2 can be checked',
    ],
    [HASH.replace('36000', '900000000'), 'is a pbkdf2_sha256 hash that is damaged, or would cost too much to check'],
    [HASH.slice(0, -9), 'is a pbkdf2_sha256 hash that is damaged, or would cost too much to check'],
    ['my secret', 'is no password hash of Django'],
    [
      'secret$and$more',
      'is a hash of the kind secret: only pbkdf2_sha256, scrypt, bcrypt_sha256, argon2 can be checked',
    ],
  ])('%s is refused', (password, problem) =>
    expect(problemsOf({ password })).toEqual([{ column: 'password', problem }]),
  )
})

test.each([
  [{ username: undefined }, 'username', 'is missing'],
  [{ username: ' ' }, 'username', 'is missing'],
  [{ username: 'two words' }, 'username', '"two words" may hold only letters, digits and @ . + - _'],
  [{ username: 'x'.repeat(151) }, 'username', 'has 151 characters, 150 are the most'],
  [{ username: 'a\u0000' }, 'username', 'holds a NUL character: take it out'],
  [{ username: ['anna'] }, 'username', 'is no text'],
  [
    { username: 'jan@example.com' },
    'username',
    '"jan@example.com" looks like an e-mail address and is not this user\'s own',
  ],
  [{ email: undefined }, 'email', 'is missing'],
  [{ email: '' }, 'email', 'is missing: a customer needs one'],
  [{ email: '\\N' }, 'email', 'is missing: a customer needs one'],
  [
    { email: '', username: 'jan@example.com' },
    'email',
    'is missing: a customer needs one; where usernames are e-mail addresses, --columns email=username takes them',
  ],
  [{ email: 'a\u202e@b.pl' }, 'email', '"a\ufffd@b.pl" is no e-mail address'],
  [{ email: 'root@localhost' }, 'email', '"root@localhost" is no e-mail address'],
  [{ email: `${'a'.repeat(250)}@b.pl` }, 'email', 'has 255 characters, 254 are the most'],
  [{ password: undefined }, 'password', 'is missing'],
  [{ first_name: 'An\u001bna' }, 'first_name', 'holds a control character: take it out'],
  [{ first_name: 'An\nna' }, 'first_name', 'holds a tab or a line break: take it out'],
  [{ last_name: '\ud800' }, 'last_name', 'holds half a character: take it out'],
  [{ last_name: '\ufffd' }, 'last_name', 'holds bytes that are no UTF-8: save the file as UTF-8'],
  [{ is_active: '' }, 'is_active', '"" is neither true nor false'],
  [{ is_active: 'enabled' }, 'is_active', '"enabled" is neither true nor false'],
  [{ date_joined: 'yesterday' }, 'date_joined', '"yesterday" is no date and time, such as 2026-11-20T12:00:00Z'],
])('of a user with %j the %s %s', (changed, column, problem) =>
  expect(problemsOf(changed)).toEqual([{ column, problem }]),
)

test("all that is wrong is told at once, by the file's own names; a mapped column must be there", () => {
  expect(problemsOf({ username: '', email: 'anna' }, 'username=login,email=mail,phone=mobile')).toEqual([
    { column: 'login', problem: 'is missing' },
    { column: 'mail', problem: '"anna" is no e-mail address' },
    { column: 'mobile', problem: 'is missing' },
  ])
})

describe('the date of joining', () => {
  test.each([
    ['2017-10-25T07:46:11.123Z', '2017-10-25T07:46:11.123+00:00'],
    ['2017-10-25T07:46:11.123456+02:00', '2017-10-25T07:46:11.123456+02:00'],
    ['2017-10-25 07:46:11.123456+00', '2017-10-25T07:46:11.123456+00:00'],
    ['2017-10-25 07:46:11-0330', '2017-10-25T07:46:11-03:30'],
    ['2017-10-25 07:46:11', '2017-10-25T07:46:11+00:00'],
    ['2017-10-25 07:46', '2017-10-25T07:46:00+00:00'],
    ['2016-02-29', '2016-02-29T00:00:00+00:00'],
  ])('%s is read as %s', (text, moment) => expect(decideJoinedAt(text)).toBe(moment))

  test.each([
    '2017-02-29',
    '2017-13-01',
    '0001-01-01',
    '2017-10-25T24:00:00Z',
    '2017-10-25T07:46:61Z',
    '25.10.2017',
    '1508917571',
    'infinity',
    '2017-10-25T07:46:11+99:00',
  ])('%s is no date', (text) =>
    expect(decideJoinedAt(text)).toEqual({ problem: `"${text}" is no date and time, such as 2026-11-20T12:00:00Z` }),
  )

  test('an empty one is none, and no mistake', () => expect(userOf({ date_joined: null }).joinedAt).toBe(null))
})
