import { afterAll } from 'vitest'
import type { Answer } from '../support/shop-client.ts'
import type { ServedRoute } from '../support/shop-server.ts'
import {
  contractRoutesOf,
  credentialFor,
  idleBody,
  makeNewcomer,
  sendJson,
  startShopWorld,
} from '../support/shop-world.ts'

/**
 * What every file of this folder begins with: a shop that ends with the file, Anna, who owns one of everything that a
 * route can name, and Ola, who has just come.
 */
export async function openShop() {
  const { server, products, newCustomer } = await startShopWorld()
  afterAll(() => server.stop())
  const [anna, ola] = [await newCustomer('anna'), await makeNewcomer(server, 'ola')]
  return {
    server,
    products,
    anna,
    ola,
    newCustomer,
    /** Every route of a contract, with its title. */
    routes: contractRoutesOf(server).map((route) => [`${route.method} ${route.url}`, route] as const),
    /** As somebody new, to what is Anna's: whatever the answer is, nothing changes. */
    sendIdly(route: ServedRoute, path: string): Promise<Answer> {
      return sendJson(server, route, path, idleBody(route, anna), credentialFor(route, ola))
    },
  }
}
