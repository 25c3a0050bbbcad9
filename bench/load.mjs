// Shoppers in a closed loop: each sends its next request when the last one is answered.
import { Agent, request } from 'node:http'

/** A shopper's browser: one kept connection, its own cookies. */
export class Browser {
  #agent = new Agent({ keepAlive: true, maxSockets: 1 })
  #cookies = new Map()
  #base

  constructor(baseUrl) {
    this.#base = new URL(baseUrl)
  }

  cookie(name) {
    return this.#cookies.get(name)
  }

  /**
   * @param {{ signal?: AbortSignal }} [terms]
   * @returns {Promise<{ status: number, body: any }>} rejects when the connection breaks
   */
  send(method, path, body, headers = {}, { signal } = {}) {
    const payload = body === undefined ? undefined : JSON.stringify(body)
    const sent = { ...headers, cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ') }
    if (payload !== undefined) {
      sent['content-type'] = 'application/json'
      sent['content-length'] = Buffer.byteLength(payload)
    }
    const { hostname: host, port } = this.#base
    return new Promise((resolve, reject) => {
      const going = request({ agent: this.#agent, host, port, method, path, headers: sent, signal }, (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk) => {
          text += chunk
        })
        response.on('error', reject)
        response.on('end', () => {
          for (const line of response.headers['set-cookie'] ?? []) this.#keep(line)
          resolve({ status: response.statusCode, body: text ? JSON.parse(text) : undefined })
        })
      })
      going.on('error', reject)
      going.end(payload)
    })
  }

  #keep(line) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)
    this.#cookies.set(name, value)
  }

  close() {
    this.#agent.destroy()
  }
}

/**
 * Lets every shopper do the unit of work again and again.
 *
 * @template S
 * @param {readonly S[]} shoppers
 * @param {(shopper: S) => Promise<boolean>} unit false: it failed; it counts as an error and as nothing else
 * @param {{ seconds: number, cpuMs?: () => number | undefined }} terms `cpuMs`: what the servers have used so far
 */
export async function run(shoppers, unit, { seconds, cpuMs = () => undefined }) {
  const took = []
  let errors = 0
  const cpuBefore = cpuMs()
  const start = performance.now()
  const end = start + seconds * 1_000
  await Promise.all(
    shoppers.map(async (shopper) => {
      while (performance.now() < end) {
        const begun = performance.now()
        if (await unit(shopper)) took.push(performance.now() - begun)
        else {
          errors++
          await new Promise((resolve) => setTimeout(resolve, 20))
        }
      }
    }),
  )
  const elapsed = (performance.now() - start) / 1_000
  const cpuAfter = cpuMs()
  took.sort((a, b) => a - b)
  return {
    perSecond: took.length / elapsed,
    p50: quantile(took, 0.5),
    p99: quantile(took, 0.99),
    cpuMsEach: cpuBefore === undefined || took.length === 0 ? undefined : (cpuAfter - cpuBefore) / took.length,
    errors,
  }
}

function quantile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
