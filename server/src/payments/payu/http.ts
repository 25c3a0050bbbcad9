import type { Agent, Dispatcher } from 'undici'
import { GatewayUnavailable } from '../gateway.ts'
import { isWire, type Wire } from './wire.ts'

/** One answer of PayU's that is JSON: an object, or the bare list that some calls give. */
export interface PayuAnswer {
  readonly status: number
  readonly body: Wire | readonly unknown[]
  /** Where a 302 points. It is never followed: the order's id is in the body. */
  readonly location: string | undefined
  /** What PayU's support asks for. */
  readonly correlationId: string | undefined
}

export interface PayuCall {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  /** For the whole call, from the first byte out to the last one in. */
  readonly withinMs: number
}

/** Sends one request and reads its answer, once. */
export interface PayuHttp {
  /** @throws GatewayUnavailable for whatever is not an answer in JSON */
  call(call: PayuCall): Promise<PayuAnswer>
  close(): Promise<void>
}

export interface HttpTerms {
  readonly connectMs: number
  /** Until the answer begins. */
  readonly headersMs: number
  /** Between two pieces of the answer. */
  readonly bodyMs: number
  /** More than any honest answer has. */
  readonly answerBytesMax: number
}

export const HTTP_TERMS: HttpTerms = {
  connectMs: 3_000,
  headersMs: 15_000,
  bodyMs: 5_000,
  answerBytesMax: 1_048_576,
}

/** Connections to PayU: kept open between calls, every wait bounded, redirects never followed. */
export function makePayuHttp(terms: HttpTerms = HTTP_TERMS): PayuHttp {
  let agent: Agent | undefined
  return {
    async call({ method, url, headers, body, withinMs }) {
      const signal = AbortSignal.timeout(withinMs)
      const { Agent, request } = await import('undici') // no start waits for it
      agent ??= new Agent({
        connect: { timeout: terms.connectMs },
        headersTimeout: terms.headersMs,
        bodyTimeout: terms.bodyMs,
        maxResponseSize: terms.answerBytesMax,
        connections: 20,
      })
      const options = { dispatcher: agent, method, headers, signal, ...(body !== undefined && { body }) }
      try {
        const answer = await request(url, options)
        return readAnswer(answer, await answer.body.text())
      } catch (cause) {
        if (cause instanceof GatewayUnavailable) throw cause
        throw new GatewayUnavailable(`PayU did not answer: ${reasonOf(cause)}`, { cause })
      }
    },
    close: async () => agent?.close(),
  }
}

/** The answer, if it is JSON. A page of HTML is an edge proxy's, whatever its status. */
function readAnswer({ statusCode: status, headers }: Dispatcher.ResponseData, text: string): PayuAnswer {
  const correlationId =
    one(headers['correlation-id'])
      ?.replace(/[^\w.:-]/g, '')
      .slice(0, 100) || undefined
  const body = parse(text)
  if (body === undefined) throw new GatewayUnavailable(`PayU answered ${status} without JSON${quote(correlationId)}`)
  return { status, body, location: one(headers.location), correlationId }
}

function parse(text: string): PayuAnswer['body'] | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isWire(value) || Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** For the end of a message. */
export function quote(correlationId: string | undefined): string {
  return correlationId ? ` (Correlation-Id ${correlationId})` : ''
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header
}

/** A socket's or undici's code says more, and less of our business, than their messages. */
function reasonOf(cause: unknown): string {
  const { code, name } = cause as { code?: unknown; name?: unknown }
  return String(typeof code === 'string' ? code : name)
}
