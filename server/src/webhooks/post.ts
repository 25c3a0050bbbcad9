import type { Agent, Dispatcher } from 'undici'
import { isPublicAddress } from '../kernel/ip-address.ts'
import { isIpAddress, lookUpPublic, PrivateAddress } from './address.ts'
import { type Outcome, readRetryAfter } from './ladder.ts'

export interface PostTerms {
  /** Whether addresses that only our own network has may be spoken to. */
  readonly mayBePrivate: boolean
  /** How long a try may take in all. */
  readonly withinMs?: number
}

/** Sends messages to endpoints, over TLS that is verified. */
export interface Poster {
  /** Never rejects for what the other side does; only when the signal gives the try up. */
  post(url: string, headers: Readonly<Record<string, string>>, body: string, signal?: AbortSignal): Promise<Outcome>
  close(): Promise<void>
}

const WITHIN_MS = 15_000
/** More of an answer is not read. */
const ANSWER_BYTES_MAX = 2_048
const ANSWER_LENGTH_MAX = 500

export function makePoster({ mayBePrivate, withinMs = WITHIN_MS }: PostTerms): Poster {
  let agent: Agent | undefined
  return {
    async post(url, headers, body, signal) {
      const deadline = AbortSignal.timeout(withinMs)
      try {
        const host = new URL(url).hostname.replace(/^\[|\]$/g, '')
        // An address is connected to without being looked up.
        if (!mayBePrivate && isIpAddress(host) && !isPublicAddress(host)) throw new PrivateAddress(host)
        const { Agent, request } = await import('undici') // no start waits for it
        agent ??= new Agent({
          connect: { timeout: withinMs, ...(!mayBePrivate && { lookup: lookUpPublic }) },
          keepAliveTimeout: 4_000,
          pipelining: 1,
        })
        const answer = await request(url, {
          dispatcher: agent,
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json', 'user-agent': 'Tradepost' },
          body,
          signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
        })
        const { statusCode: status } = answer
        const retryAfterSeconds = readRetryAfter([answer.headers['retry-after']].flat()[0], new Date())
        return { status, text: seen(await readStart(answer.body)), retryAfterSeconds }
      } catch (error) {
        if (signal?.aborted) throw error
        return { problem: deadline.aborted ? `no answer within ${withinMs / 1_000} s` : problemOf(error) }
      }
    },
    close: async () => agent?.destroy(),
  }
}

/** What was answered is settled by its status: a body that breaks off or never ends changes nothing. */
async function readStart(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of body) {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes >= ANSWER_BYTES_MAX) break
    }
  } catch {
    // What came is enough.
  }
  return Buffer.concat(chunks).subarray(0, ANSWER_BYTES_MAX).toString('utf8')
}

/** For a log and a terminal: one line, nothing that moves a cursor, nothing that PostgreSQL cannot hold. */
function seen(text: string): string {
  return text
    .replace(/[\p{Cc}\s\ufffd]+/gu, ' ')
    .trim()
    .slice(0, ANSWER_LENGTH_MAX)
}

function problemOf(error: unknown): string {
  const { message, code, cause, errors } = error as {
    message?: string
    code?: string
    cause?: unknown
    errors?: unknown[]
  }
  if (cause instanceof PrivateAddress) return cause.message
  // Of several addresses that were tried, the first one's word.
  if (!message && errors?.[0]) return problemOf(errors[0])
  return seen(message || code || 'unknown')
}
