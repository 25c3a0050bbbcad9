import { expect, test } from 'vitest'
import { credentialOf, credentialsOf } from './credentials.ts'

test.each([
  ['the session cookie', { cookie: 'theme=dark; sessionid=abc; x=1' }, { token: 'abc', needsCsrf: true, isJwt: false }],
  ['the SESSIONID header', { sessionid: 'abc' }, { token: 'abc', needsCsrf: true, isJwt: false }],
  ['X-Access-Token', { 'x-access-token': 'abc' }, { token: 'abc', needsCsrf: false, isJwt: false }],
  ['a bearer token', { authorization: 'Bearer abc' }, { token: 'abc', needsCsrf: false, isJwt: false }],
  ['a JWT as a bearer token', { authorization: 'Bearer a.b.c' }, { token: 'a.b.c', needsCsrf: false, isJwt: true }],
  ['what calls itself a JWT', { authorization: 'JWT abc' }, { token: 'abc', needsCsrf: false, isJwt: true }],
  ['a JWT', { authorization: 'jwt a.b.c' }, { token: 'a.b.c', needsCsrf: false, isJwt: true }],
])('%s is a credential', (_what, headers, credential) => expect(credentialOf(headers)).toEqual(credential))

test('what was said in a header wins over the cookie', () => {
  expect(credentialOf({ cookie: 'sessionid=cookie', authorization: 'Bearer header' })?.token).toBe('header')
  expect(credentialOf({ cookie: 'sessionid=cookie', sessionid: 'header' })?.token).toBe('header')
})

test('all that a request carries can be ended together', () => {
  const headers = { cookie: 'sessionid=a', sessionid: 'b', 'x-access-token': 'c', authorization: 'Bearer d' }
  expect(credentialsOf(headers).map(({ token }) => token)).toEqual(['d', 'c', 'b', 'a'])
})

test.each([
  ['nothing', {}],
  ['an empty cookie', { cookie: 'sessionid=' }],
  ['another scheme', { authorization: 'Basic YTpi' }],
  ['a scheme without a token', { authorization: 'Bearer' }],
  ['a token of absurd length', { 'x-access-token': 'x'.repeat(5_000) }],
])('%s is none', (_what, headers) => expect(credentialOf(headers)).toBeUndefined())
