import { SANDBOX_POS, type SimulatorOptions, type StartedSimulator, startPayuSimulator } from 'payu-simulator'
import { openRoundRobin } from '../../drill/round-robin.mjs'
import { freePort } from '../../scripts/free-port.mjs'
import { startProgram } from './program.ts'

type Env = Readonly<Record<string, string>>

/** A second server of a shop's, a process of its own, and the proxy before both: each request goes to the other one. */
export interface SecondServer {
  /** The first server's settings: where it listens, that it is reached through the proxy, and the PayU of both. */
  readonly env: Env
  readonly url: string
  readonly simulator: StartedSimulator
  /** @param env the first server's settings */
  start(env: Env): Promise<void>
  stop(): Promise<void>
}

/** `TWO_SERVERS=1 npm test -- test/races`: the races, with two servers. */
export const wantsTwoServers = (): boolean => process.env.TWO_SERVERS === '1'

export async function prepareSecondServer(options: Partial<SimulatorOptions> = {}): Promise<SecondServer> {
  const ports = [await freePort(), await freePort()] as const
  const proxy = await openRoundRobin(ports)
  const simulator = await startPayuSimulator({ manual: true, ...options })
  let program: ReturnType<typeof startProgram> | undefined
  return {
    env: {
      ...{ PORT: String(ports[0]), PUBLIC_URL: proxy.url, TRUST_PROXY: 'loopback' },
      ...{ PAYU_URL: simulator.url, PAYU_POS_ID: SANDBOX_POS.posId, PAYU_CLIENT_SECRET: SANDBOX_POS.clientSecret },
      PAYU_SECOND_KEY: SANDBOX_POS.secondKey,
    },
    url: proxy.url,
    simulator,
    async start(env) {
      program = startProgram({ ...env, PORT: String(ports[1]) })
      await program.ready
    },
    async stop() {
      program?.child.kill('SIGTERM')
      await program?.ended
      await proxy.close()
      await simulator.close()
    },
  }
}
