import { expect, test } from 'vitest'
import { type ColumnMap, decideColumns, decideHeader } from './columns.ts'

function columnsOf(map?: string): ColumnMap {
  const decided = decideColumns(map)
  return 'columns' in decided ? decided.columns : expect.fail(decided.problem)
}

test("without a map the names are Django's, and what Django does not have is not looked for", () => {
  const { names, required } = columnsOf()
  expect(names.username).toBe('username')
  expect(names.date_joined).toBe('date_joined')
  expect(names.phone).toBeUndefined()
  expect([...required]).toEqual(['username', 'email', 'password'])
})

test('a map gives other names, which then must be there; two fields may come from one column', () => {
  const { names, required } = columnsOf('username=mail, email=mail,phone=Mobile No')
  expect(names).toMatchObject({ username: 'mail', email: 'mail', password: 'password', phone: 'Mobile No' })
  expect(required.has('phone')).toBe(true)
})

test.each([
  ['username', '"username" is no pair: write field=column, such as email=mail'],
  ['username=', '"username=" is no pair: write field=column, such as email=mail'],
  ['username=a=b', '"username=a=b" is no pair: write field=column, such as email=mail'],
  ['email=a,email=b', '"email" is given twice'],
  [
    'login=username',
    '"login" is no field; the fields are username, email, password, first_name, last_name, date_joined, is_active, is_staff, is_superuser, patronymic, phone, city, address',
  ],
])('the map %s is refused', (map, problem) => expect(decideColumns(map)).toEqual({ problem }))

test('columns are found in any order and in any case, and others do not matter', () => {
  const found = decideHeader(['ID', ' EMAIL ', 'PASSWORD', 'USERNAME', 'last_login', 'id'], columnsOf())
  expect(found).toEqual({
    positions: new Map([
      ['username', 3],
      ['email', 1],
      ['password', 2],
    ]),
  })
})

test('columns that are missing and columns that stand there twice are named, all at once', () => {
  const missing = "the first line names the columns, and --columns says which are the users' own"
  expect(decideHeader(['id', 'username', 'email', 'Email'], columnsOf('phone=mobile'))).toEqual({
    problems: [
      { column: 'email', problem: 'the column "email" stands there twice' },
      { column: 'password', problem: `the column "password" is missing: ${missing}` },
      { column: 'mobile', problem: `the column "mobile" is missing: ${missing}` },
    ],
  })
})
