import { expect, test } from 'vitest'
import { Refused } from '../kernel/refused.ts'
import { makeThrottle } from './throttle.ts'

const wrong = async () => {
  throw new Refused({ code: 'identity.wrong-credentials' })
}
const right = async () => 'in'
const codeOf = (attempt: Promise<unknown>) =>
  attempt.then(
    () => 'in',
    (error) => error.refusal.code,
  )

test('the eleventh wrong password for a name from an address is not even looked at', async () => {
  const throttle = makeThrottle()
  const who = { name: 'anna', account: 'anna', address: '192.0.2.1' }
  for (let i = 0; i < 10; i++) expect(await codeOf(throttle.tryPassword(who, wrong))).toBe('identity.wrong-credentials')
  await expect(throttle.tryPassword({ ...who }, right)).rejects.toMatchObject({
    refusal: { code: 'identity.too-many-tries', retryAfterSeconds: 900 },
  })
  expect(await codeOf(throttle.tryPassword({ ...who, address: '192.0.2.2' }, right))).toBe('in')
  expect(await codeOf(throttle.tryPassword({ ...who, name: 'jan', account: 'jan' }, right))).toBe('in')
})

test('tries that run at once do not slip through together', async () => {
  const throttle = makeThrottle()
  const who = { name: 'anna', account: 'anna', address: '192.0.2.1' }
  const codes = await Promise.all(Array.from({ length: 40 }, () => codeOf(throttle.tryPassword(who, wrong))))
  // Eight are under way at once, which is below the ten that are borne.
  expect(codes.filter((code) => code === 'identity.wrong-credentials')).toHaveLength(8)
})

test('a right password forgives the wrong ones before it', async () => {
  const throttle = makeThrottle()
  const who = { name: 'anna', account: 'anna', address: '192.0.2.1' }
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 9; i++) await codeOf(throttle.tryPassword(who, wrong))
    expect(await codeOf(throttle.tryPassword(who, right))).toBe('in')
  }
})

test('one address that guesses many names is stopped, and others are not', async () => {
  const throttle = makeThrottle()
  for (let i = 0; i < 100; i++)
    await codeOf(throttle.tryPassword({ name: `n${i}`, account: `n${i}`, address: '192.0.2.1' }, wrong))
  expect(await codeOf(throttle.tryPassword({ name: 'anna', account: 'anna', address: '192.0.2.1' }, right))).toBe(
    'identity.too-many-tries',
  )
  expect(await codeOf(throttle.tryPassword({ name: 'anna', account: 'anna', address: '192.0.2.2' }, right))).toBe('in')
})

test('many addresses that guess one name lock its owner out for five minutes at the most', async () => {
  const throttle = makeThrottle()
  for (let i = 0; i < 50; i++)
    await codeOf(throttle.tryPassword({ name: 'anna', account: 'anna', address: `198.51.100.${i}` }, wrong))
  await expect(
    throttle.tryPassword({ name: 'anna', account: 'anna', address: '192.0.2.1' }, right),
  ).rejects.toMatchObject({
    refusal: { code: 'identity.too-many-tries', retryAfterSeconds: 300 },
  })
})

test('one address alone cannot use up what others may try at a name', async () => {
  const throttle = makeThrottle()
  for (let i = 0; i < 200; i++)
    await codeOf(throttle.tryPassword({ name: 'anna', account: 'anna', address: '192.0.2.1' }, wrong))
  expect(await codeOf(throttle.tryPassword({ name: 'anna', account: 'anna', address: '192.0.2.2' }, right))).toBe('in')
  expect(await codeOf(throttle.tryPassword({ name: 'jan', account: 'jan', address: '192.0.2.1' }, right))).toBe('in')
})

test('an owner who is locked out from elsewhere has lost none of their own tries', async () => {
  const throttle = makeThrottle()
  for (let i = 0; i < 50; i++)
    await codeOf(throttle.tryPassword({ name: 'anna', account: 'anna', address: `198.51.100.${i}` }, wrong))
  const who = { name: 'anna', account: 'anna', address: '192.0.2.1' }
  for (let i = 0; i < 11; i++) await codeOf(throttle.tryPassword(who, right))
  await expect(throttle.tryPassword(who, right)).rejects.toMatchObject({ refusal: { retryAfterSeconds: 300 } })
})

test('all addresses of an IPv6 network count as one, and an IPv4 address is the same in either form', async () => {
  const throttle = makeThrottle()
  for (let i = 0; i < 10; i++)
    await codeOf(
      throttle.tryPassword({ name: 'anna', account: 'anna', address: `2001:db8:0:7::${i.toString(16)}` }, wrong),
    )
  const from = (address: string) => codeOf(throttle.tryPassword({ name: 'anna', account: 'anna', address }, right))
  expect(await from('2001:db8::7:0:0:0:ff')).toBe('identity.too-many-tries')
  expect(await from('2001:db8:0:8::1')).toBe('in')
  for (let i = 0; i < 10; i++)
    await codeOf(throttle.tryPassword({ name: 'jan', account: 'jan', address: '192.0.2.9' }, wrong))
  await expect(
    throttle.tryPassword({ name: 'jan', account: 'jan', address: '::ffff:192.0.2.9' }, right),
  ).rejects.toThrow()
})

test('one address has a few tries under way at once, right or wrong, and others are not kept waiting', async () => {
  const throttle = makeThrottle()
  const endless = () => new Promise<string>(() => {})
  const many = Array.from({ length: 12 }, (_, i) =>
    codeOf(throttle.tryPassword({ name: `own${i}`, account: `own${i}`, address: '192.0.2.1' }, endless)),
  )
  await new Promise((resolve) => setImmediate(resolve))
  expect(await codeOf(throttle.tryPassword({ name: 'anna', account: 'anna', address: '192.0.2.2' }, right))).toBe('in')
  const early = await Promise.all(many.map((it) => Promise.race([it, Promise.resolve('under way')])))
  expect(early.filter((it) => it === 'identity.too-many-tries')).toHaveLength(4)
  expect(early.filter((it) => it === 'under way')).toHaveLength(8)
})

test('mails are counted for the account and for the address, apart from passwords', async () => {
  const throttle = makeThrottle()
  const ask = (account: string, address: string) => codeOf(throttle.countMailRequest({ account, address }))
  for (let i = 0; i < 5; i++) expect(await ask('anna', `198.51.100.${i}`)).toBe('in')
  expect(await ask('anna', '192.0.2.1')).toBe('identity.too-many-tries')
  for (let i = 0; i < 49; i++) expect(await ask(`n${i}`, '192.0.2.1')).toBe('in')
  // What one limit stops is given back to the other.
  expect(await ask('jan', '192.0.2.1')).toBe('in')
  await expect(throttle.countMailRequest({ account: 'ola', address: '192.0.2.1' })).rejects.toMatchObject({
    refusal: { code: 'identity.too-many-tries', retryAfterSeconds: 3_600 },
  })
  expect(await ask('ola', '192.0.2.2')).toBe('in')
  expect(await codeOf(throttle.tryPassword({ name: 'anna', account: 'anna', address: '192.0.2.1' }, right))).toBe('in')
})

test('a failure that is not about the password does not count', async () => {
  const throttle = makeThrottle()
  const who = { name: 'anna', account: 'anna', address: '192.0.2.1' }
  const broken = async () => {
    throw new Refused({ code: 'identity.busy' })
  }
  for (let i = 0; i < 30; i++) await codeOf(throttle.tryPassword(who, broken))
  expect(await codeOf(throttle.tryPassword(who, right))).toBe('in')
})
