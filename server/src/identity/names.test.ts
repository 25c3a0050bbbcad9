import { expect, test } from 'vitest'
import { isEmail, isNobodyElsesEmail, isUsername, nameKey } from './names.ts'

test.each([
  ['Anna', 'anna'],
  ['ＡＮＮＡ', 'anna'],
  ['ŻANETA', 'żaneta'],
  ['οδοσ', 'οδος'],
  ['ΟΔΟΣ', 'οδος'],
  ['ﬁona', 'fiona'],
])('%s is compared as %s', (name, key) => expect(nameKey(name)).toBe(key))

test.each(['anakin', 'lord_anakin', 'a.b+c-d@e', 'żółw', '安娜', '1'])('%s is a username', (name) =>
  expect(isUsername(name)).toBe(true),
)

test.each(['', 'two words', 'tab\t', 'a/b', 'a\u0000', '<b>', 'x'.repeat(151)])('%j is no username', (name) =>
  expect(isUsername(name)).toBe(false),
)

test.each(['a@b.pl', 'a.skywalker@deathstar.im', "o'neil+shop@mail.example.co.uk", 'żółw@żółw.pl'])(
  '%s is an e-mail',
  (email) => expect(isEmail(email)).toBe(true),
)

test.each([
  '',
  'a',
  'a@b',
  '@b.pl',
  'a@.pl',
  'a b@c.pl',
  'a@b..pl',
  'a@b.pl\n',
  'a@b@c.pl',
  `${'a'.repeat(250)}@b.pl`,
  '<a@b.pl>',
  'a\x01@b.pl',
  'a\u200b@b.pl',
  'a@b.pl\r\nBcc: c@d.pl',
  'a@b.pl,c@d.pl',
])('%j is no e-mail', (email) => expect(isEmail(email)).toBe(false))

test('a username with an @ must be the own e-mail, without regard to case', () => {
  expect(isNobodyElsesEmail('Anna@example.com', 'anna@EXAMPLE.com')).toBe(true)
  expect(isNobodyElsesEmail('jan@example.com', 'anna@example.com')).toBe(false)
  expect(isNobodyElsesEmail('anna', 'anna@example.com')).toBe(true)
})
