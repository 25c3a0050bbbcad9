import { Command } from 'commander'
import { DEMO_CUSTOMER, seedDemo } from '../demo.ts'
import { makeHasher } from '../identity/index.ts'
import { OperatorError } from '../kernel/operator-error.ts'
import { withStore } from './run.ts'

export function seedCommand(): Command {
  return new Command('seed')
    .description('add the demo catalogue, its stock and the demo customer; not in production')
    .action(async () => {
      await withStore(
        async ({ production, currency, dataDir }, { db }) => {
          if (production)
            throw new OperatorError('The demo customer has a known password: production refuses `tradepost seed`.')
          const { products } = await seedDemo(db, { currency, dataDir, hasher: makeHasher() })
          console.log(`${products} demo products are in the shop.`)
          console.log(`Sign in with username ${DEMO_CUSTOMER.username}, password ${DEMO_CUSTOMER.password}.`)
        },
        { mayBeFirst: true },
      )
    })
}
