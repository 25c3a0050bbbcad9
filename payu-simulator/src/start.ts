import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import type { SimulatorOptions } from './options.ts'
import { type PayuSimulator, payuSimulator } from './simulator.ts'

export interface StartOptions extends SimulatorOptions {
  /** 0, the default: any that is free. */
  readonly port?: number
  /** 127.0.0.1 unless told: whoever reaches it can pay any order. */
  readonly host?: string
  /** Where it is reached from outside, if that is not where it listens. */
  readonly publicUrl?: string | (() => string)
}

export interface StartedSimulator extends PayuSimulator {
  /** Where it listens; what a shop uses instead of `https://secure.snd.payu.com`. */
  readonly url: string
}

/** Starts a simulator on a port of its own. */
export async function startPayuSimulator(options: StartOptions = {}): Promise<StartedSimulator> {
  const { port = 0, host = '127.0.0.1', publicUrl = () => url, ...rest } = options
  let url = ''
  const simulator = payuSimulator({ ...rest, publicUrl })
  const app = Fastify({ forceCloseConnections: true })
  app.register(simulator.plugin)
  try {
    await app.listen({ host, port })
  } catch (error) {
    await app.close()
    throw error
  }
  const { address, port: listening } = app.server.address() as AddressInfo
  url = `http://${address.includes(':') ? `[${address}]` : address}:${listening}`
  return { ...simulator, url, close: () => app.close() }
}
