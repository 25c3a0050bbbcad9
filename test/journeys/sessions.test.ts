import { afterAll, beforeAll, expect, test } from 'vitest'
import { AccountsClient, WhoamiClient } from '../support/other-clients.ts'
import { type Person, ShopClient, signIn, signUp } from '../support/shop-client.ts'
import { type ShopServer, startShopServer } from '../support/shop-server.ts'

let server: ShopServer
let anna: ShopClient
let who: Person
let phone: WhoamiClient
let tablet: AccountsClient

beforeAll(async () => {
  server = await startShopServer()
  anna = new ShopClient(server.baseUrl)
  who = await signUp(anna, 'anna')
  phone = new WhoamiClient(server.baseUrl)
  tablet = new AccountsClient(server.baseUrl)
})
afterAll(() => server.stop())

const sessions = async () => (await anna.get('/api/sessions')).body.results
const areSignedIn = async () => [
  (await anna.get('/api/profile')).status,
  (await phone.get('/api/v1/whoami')).status,
  (await tablet.request('GET', '/get_profile/')).status,
]

test('a customer sees where they are signed in, by whichever contract', async () => {
  await phone.signIn('anna', who.password)
  await tablet.signIn('anna@example.com', who.password)
  const listed = await sessions()
  expect(listed.map((it: { kind: string }) => it.kind).toSorted()).toEqual(['access', 'cookie', 'jwt'])
  const current = listed.filter((it: { current: boolean }) => it.current)
  expect(current).toEqual([
    {
      session_uuid: expect.any(String),
      kind: 'cookie',
      current: true,
      date_created: expect.stringMatching(/Z$/),
      last_seen: expect.stringMatching(/Z$/),
      expires: expect.stringMatching(/Z$/),
      address: '127.0.0.1',
      agent: '',
    },
  ])
  const days = (Date.parse(current[0].expires) - Date.now()) / 86_400_000
  expect(days).toBeCloseTo(14, 1)
  expect(JSON.stringify(listed)).not.toContain(anna.cookies.get('sessionid'))
})

test('one session is ended, at once, and nobody else’s can be', async () => {
  const jan = new ShopClient(server.baseUrl)
  await signUp(jan, 'jan')
  const jwt = (await sessions()).find((it: { kind: string }) => it.kind === 'jwt')
  const foreign = await jan.delete(`/api/sessions/${jwt.session_uuid}`)
  expect([foreign.status, foreign.body]).toEqual([404, { detail: 'Not found.', message: 'not found' }])
  expect(await areSignedIn()).toEqual([200, 200, 200])
  const ended = await anna.delete(`/api/sessions/${jwt.session_uuid}`)
  expect([ended.status, ended.body]).toEqual([200, { status: 'OK', message: 'session ended' }])
  expect(await areSignedIn()).toEqual([200, 200, 401])
  expect((await anna.delete(`/api/sessions/${jwt.session_uuid}`)).status).toBe(404)
})

test('all others are ended together', async () => {
  const desk = new ShopClient(server.baseUrl)
  await signIn(desk, who)
  const ended = await anna.delete('/api/sessions')
  expect([ended.status, ended.body]).toEqual([200, { status: 'OK', message: 'other sessions ended' }])
  expect(await areSignedIn()).toEqual([200, 401, 401])
  expect((await desk.get('/api/profile')).status).toBe(403)
  expect(await sessions()).toHaveLength(1)
})
