import { createReadStream } from 'node:fs'
import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { countProducts } from './catalogue/index.ts'
import { type Hasher, isNameTaken, register, UNTHROTTLED } from './identity/index.ts'
import { Refused } from './kernel/refused.ts'
import { importProducts } from './stock/index.ts'
import type { Database } from './store/database.ts'

const DEMO_DIRECTORY = join(import.meta.dirname, '../demo')

/** Who can sign in to a demo shop at once. */
export const DEMO_CUSTOMER = {
  username: 'demo',
  email: 'demo@tradepost.example',
  password: 'tradepost',
  firstName: 'Anna',
} as const

export async function isEmptyShop(db: Database): Promise<boolean> {
  return (await countProducts(db))?.count === 0
}

export async function isDemoCustomerThere(db: Database): Promise<boolean> {
  return isNameTaken(db, DEMO_CUSTOMER.username)
}

/**
 * Fills the shop with the demo catalogue, its stock in three warehouses and its pictures, and adds the demo customer.
 * May be repeated: what is there is brought to the state of the demo, the customer's password stays.
 */
export async function seedDemo(
  db: Database,
  { currency, dataDir, hasher }: { currency: string; dataDir: string; hasher: Hasher },
): Promise<{ products: number }> {
  // First, because a shop with products is not filled again.
  const registering = { hasher, policy: 'documented', throttle: UNTHROTTLED } as const
  await register(db, registering, { ...DEMO_CUSTOMER, address: '' }).catch((error) => {
    if (!(error instanceof Refused && error.refusal.code === 'identity.already-used')) throw error
  })
  const pictures = join(dataDir, 'pictures')
  await mkdir(pictures, { recursive: true })
  await cp(join(DEMO_DIRECTORY, 'pictures'), pictures, { recursive: true })
  const { products } = await importProducts(db, createReadStream(join(DEMO_DIRECTORY, 'products.csv')), { currency })
  return { products: products.added + products.changed + products.unchanged }
}
