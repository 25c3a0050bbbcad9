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
  const { payuSimulator, SANDBOX_POS } = await loadSimulator()
  const stateFile = booksIn(config)
  try {
    return payuSimulator({
      publicUrl: config.publicUrl + SIMULATOR_PATH,
      pointsOfSale: [{ ...SANDBOX_POS, currency: config.currency }],
      stateFile,
      ...options,
    })
  } catch (error) {
    throw unusableBooks(stateFile, error)
  }
}

/** A PayU that stands in for PayU, and the settings of a shop that pays at it. */
export interface StandInPayu {
  readonly config: Config
  readonly url: string
  close(): Promise<void>
}

/**
 * The same for a shop of several processes: its books are those of one process, so it gets a port of its own on this
 * machine, and each process talks to it as to PayU.
 *
 * @throws OperatorError when it is not installed, or its books cannot be read
 */
export async function startSimulatedPayu(config: Config): Promise<StandInPayu | undefined> {
  if (!config.payuSimulator) return undefined
  const { startPayuSimulator, SANDBOX_POS } = await loadSimulator()
  const stateFile = booksIn(config)
  const pos = { ...SANDBOX_POS, currency: config.currency }
  const { url, close } = await startPayuSimulator({ pointsOfSale: [pos], stateFile }).catch((error) => {
    throw unusableBooks(stateFile, error)
  })
  const { posId, clientId, clientSecret, secondKey } = pos
  const payu = { posId, clientId, clientSecret, secondKeys: [secondKey], url, blikCode: true }
  return { config: { ...config, payuSimulator: false, payu }, url, close }
}

async function loadSimulator(): Promise<typeof import('payu-simulator')> {
  return import('payu-simulator').catch((cause) => {
    throw new OperatorError(
      `The PayU simulator is not here (${cause.code}): set NODE_ENV=production, or PAYU_POS_ID and its keys.`,
    )
  })
}

const booksIn = ({ dataDir }: Config) => join(dataDir, 'payu-simulator.jsonl')

function unusableBooks(stateFile: string, error: unknown): OperatorError {
  return new OperatorError(
    `The PayU simulator cannot use its books: ${(error as Error).message}. Remove ${stateFile} to begin new ones.`,
  )
}
