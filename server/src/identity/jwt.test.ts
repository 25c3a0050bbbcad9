import { SignJWT, UnsecuredJWT } from 'jose'
import { expect, test } from 'vitest'
import type { CustomerId, SessionId } from '../kernel/ids.ts'
import { deriveKeys } from '../kernel/signing.ts'
import { makeJwts } from './jwt.ts'
import { presentSession } from './session.ts'

const KEY = 'a-key-for-tests-and-for-nothing-else'
const sessionId = '0192f0c1-0000-7000-8000-000000000001' as SessionId
const claims = {
  sessionId,
  customerId: '0192f0c1-0000-7000-8000-000000000002' as CustomerId,
  username: 'anna',
  email: 'anna@example.com',
  expiresAt: new Date(Date.now() + 60_000),
}
const refusal = (problem: string) => expect.objectContaining({ refusal: { code: 'identity.bad-jwt', problem } })

test('what we signed presents its session', async () => {
  const jwts = makeJwts([KEY])
  expect(await jwts.present(await jwts.sign(claims))).toEqual(presentSession(sessionId))
})

test('a key that signs no longer still verifies while it is listed', async () => {
  const jwt = await makeJwts([KEY]).sign(claims)
  expect(await makeJwts(['a-new-key-for-tests-and-nothing-else', KEY]).present(jwt)).toEqual(presentSession(sessionId))
  await expect(makeJwts(['a-new-key-for-tests-and-nothing-else']).present(jwt)).rejects.toEqual(refusal('undecodable'))
})

test('one that is over is told apart', async () => {
  const jwts = makeJwts([KEY])
  const jwt = await jwts.sign({ ...claims, expiresAt: new Date(Date.now() - 1_000) })
  await expect(jwts.present(jwt)).rejects.toEqual(refusal('expired'))
})

test('nothing else is a JWT of ours', async () => {
  const jwts = makeJwts([KEY])
  const [key] = deriveKeys([KEY], 'tradepost jwt')
  const [head, payload, signature] = (await jwts.sign(claims)).split('.')
  const good = new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setJti(sessionId).setExpirationTime('1h')
  expect(await jwts.present(await good.sign(key))).toEqual(presentSession(sessionId))
  const forgeries = [
    '',
    'a.b.c',
    `${head}.${payload}.`,
    `${head}.${Buffer.from(JSON.stringify({ jti: sessionId, exp: 9_999_999_999 })).toString('base64url')}.${signature}`,
    new UnsecuredJWT({}).setJti(sessionId).setExpirationTime('1h').encode(),
    await new SignJWT({}).setProtectedHeader({ alg: 'HS512' }).setJti(sessionId).setExpirationTime('1h').sign(key),
    await new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('1h').sign(key),
    await good.sign(new TextEncoder().encode(KEY)),
    await new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setJti(sessionId).sign(key),
    await new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setJti('no uuid').setExpirationTime('1h').sign(key),
  ]
  for (const forged of forgeries) await expect(jwts.present(forged)).rejects.toEqual(refusal('undecodable'))
})
