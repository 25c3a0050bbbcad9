import { afterAll, beforeAll, expect, test } from 'vitest'
import { ConfigError, readConfig } from '../server/src/config.ts'
import { REFUSALS, refusalIn } from './support/refusal-shape.ts'
import { send } from './support/shop-client.ts'
import { type ShopServer, startShopServer } from './support/shop-server.ts'

// ACCOUNTS_PREFIX moves the accounts contract away from the root.

let server: ShopServer

beforeAll(async () => {
  server = await startShopServer({ env: { ACCOUNTS_PREFIX: '/members/v2' } })
})
afterAll(() => server.stop())

test('the contract is at its prefix and no longer at the root, whose unknown paths it still answers', async () => {
  const body = JSON.stringify({ email: 'anna@example.com', password: 'a-long-way-from-home' })
  const register = (path: string) => send(server.baseUrl, 'POST', path, body, { 'content-type': 'application/json' })
  expect(refusalIn(await register('/create_user/'))).toEqual(REFUSALS.accounts.notFound)
  expect((await register('/members/v2/create_user/')).status).toBe(201)
})

test('a path that anything else is served at is refused as a prefix', () => {
  const others = server.routes.map(({ url }) => url.split('/')[1] ?? '').filter((first) => first !== 'members')
  const isRefused = (first: string) => {
    try {
      readConfig({ ...process.env, DATA_DIR: server.config.dataDir, ACCOUNTS_PREFIX: `/${first}/accounts` })
      return false
    } catch (error) {
      return error instanceof ConfigError
    }
  }
  const taken = [...new Set(others)].filter((first) => first !== '' && first !== '*')
  expect(taken).toContain('api')
  expect(taken.filter((first) => !isRefused(first))).toEqual([])
})
