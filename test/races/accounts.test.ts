import { afterAll, beforeAll, expect, test } from 'vitest'
import { blockCustomer } from '../../server/src/identity/index.ts'
import { rowsOf } from '../support/books.ts'
import { countOutcomes, outcomeOf, rounds } from '../support/racers.ts'
import { ShopClient, signIn, signUp } from '../support/shop-client.ts'
import { type ShopServer, startShopServer } from '../support/shop-server.ts'

let server: ShopServer

beforeAll(async () => {
  server = await startShopServer({ poolSize: 16 })
})
afterAll(() => server.stop())

test.each(rounds(1))(
  'one e-mail registered 100 times at once, %i, through two contracts: one customer',
  async (round) => {
    const client = new ShopClient(server.baseUrl)
    const password = 'a-tent-for-two-people'
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) => {
        const email = `${i % 3 ? 'one' : 'ONE'}${round}@example.com`
        return i % 2
          ? client.post('/api/register', { username: `one${round}x${i}`, email, password })
          : client.post('/create_user/', { email, password })
      }),
    )
    expect(answers.filter(({ status }) => status >= 500)).toEqual([])
    const made = await rowsOf(server.db, 'select from customers where email_key = $1', [`one${round}@example.com`])
    expect(made).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 200 || status === 201)).toHaveLength(1)
  },
)

test.each(rounds(2))(
  'a password changed while others sign in with the old one, %i: no session of the old one is left',
  async (round) => {
    const anna = new ShopClient(server.baseUrl)
    const person = await signUp(anna, `anna${round}`)
    const others = Array.from({ length: 6 }, () => new ShopClient(server.baseUrl))
    const [changed, ...answers] = await Promise.all([
      anna.put(`/api/profile/${person.uuid}/setpassword`, {
        username: person.username,
        old_password: person.password,
        password: 'another-likes-stoves',
      }),
      ...others.map((other) => other.post('/api/login', { username: person.username, password: person.password })),
    ])
    expect(changed.status).toBe(200)
    for (const answer of answers) expect(['ok', '404/3001', '429/undefined']).toContain(outcomeOf(answer))
    for (const other of others) expect((await other.get('/api/profile')).status).toBe(403)
    expect((await anna.get('/api/profile')).status).toBe(200)
    const again = new ShopClient(server.baseUrl)
    expect(await signIn(again, { username: person.username, password: 'another-likes-stoves' })).toBe(person.uuid)
  },
)

test.each(rounds(2))('two who want the same new name and e-mail, %i: one has them', async (round) => {
  const clients = [new ShopClient(server.baseUrl), new ShopClient(server.baseUrl)]
  const people = await Promise.all(clients.map((client, i) => signUp(client, `both${round}x${i}`)))
  const wish = { username: `wanted${round}`, email: `wanted${round}@example.com` }
  const answers = await Promise.all(clients.map((client, i) => client.put(`/api/profile/${people[i]?.uuid}`, wish)))
  expect(countOutcomes(answers)).toEqual({ ok: 1, '409/2001': 1 })
})

test.each(rounds(2))('blocked while signing in through every contract, %i: nobody is in afterwards', async (round) => {
  const person = await signUp(new ShopClient(server.baseUrl), `blocked${round}`)
  const { username, password } = person
  const others = Array.from({ length: 6 }, () => new ShopClient(server.baseUrl))
  const [blocked, ...answers] = await Promise.all([
    blockCustomer(server.db, username),
    ...others.map((other, i) =>
      i % 2
        ? other.post('/api/login', { username, password })
        : other.post('/obtain_token/', { login: username, password }),
    ),
  ])
  expect(blocked?.blockedAt).toBeInstanceOf(Date)
  expect(answers.filter(({ status }) => status >= 500)).toEqual([])
  expect(await rowsOf(server.db, 'select from sessions where customer_id = $1', [person.uuid])).toEqual([])
})
