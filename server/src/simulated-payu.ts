import { join } from 'node:path'
import type { MountedSimulator, MountOptions } from 'payu-simulator'
import type { Config } from './config.ts'
import { OperatorError } from './kernel/operator-error.ts'

/** Where the simulator is mounted, below PUBLIC_URL. */
export const SIMULATOR_PATH = '/payu-simulator'

/**
 * The PayU that a laptop pays with: in this very process, with books of its own in `dataDir`. Whoever reaches it can pay
 * any order, so production neither loads it nor needs it to be installed.
 *
 * @param options over those of a laptop, for tests
 * @throws OperatorError when it is not installed, or its books cannot be read
 */
export async function simulatePayu(
  config: Config,
  options: Partial<MountOptions> = {},
): Promise<MountedSimulator | undefined> {
  if (!config.payuSimulator) return undefined
  const { payuSimulator, SANDBOX_POS } = await import('payu-simulator').catch((cause) => {
    throw new OperatorError(
      `The PayU simulator is not here (${cause.code}): set NODE_ENV=production, or PAYU_POS_ID and its keys.`,
    )
  })
  const stateFile = join(config.dataDir, 'payu-simulator.jsonl')
  try {
    return payuSimulator({
      publicUrl: config.publicUrl + SIMULATOR_PATH,
      pointsOfSale: [{ ...SANDBOX_POS, currency: config.currency }],
      stateFile,
      ...options,
    })
  } catch (error) {
    throw new OperatorError(
      `The PayU simulator cannot use its books: ${(error as Error).message}. Remove ${stateFile} to begin new ones.`,
    )
  }
}
