import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { type Refusal, Refused } from '../../kernel/refused.ts'
import { MediaStoreError } from '../../media/index.ts'
import { NO_ANSWER, sqlState } from '../../store/database.ts'
import type { HttpRefusal, WireReply } from './refusals.ts'
import { sendWire } from './send.ts'
import { fieldProblems } from './validation.ts'

/** How a contract says no. */
export interface Voice {
  readonly replyTo: (refusal: Refusal, request: FastifyRequest) => WireReply
  /** To whatever was no refusal. */
  readonly failure: WireReply
}

/**
 * Answers whatever was thrown while a request was answered: a refusal in the contract's words, a bug with its bare 500.
 *
 * @param decideAnswered which refusal it is that the client hears of, where that is not the one that was thrown
 */
export function answerFailure(
  { replyTo, failure }: Voice,
  decideAnswered: (refusal: Refusal, request: FastifyRequest) => Promise<Refusal> = async (refusal) => refusal,
) {
  return async (error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const refusal = refusalBehind(error, request)
    if (!refusal) return sendWire(reply, failure)
    return sendWire(reply, replyTo(await decideAnswered(refusal, request), request))
  }
}

/**
 * The refusal behind whatever was thrown while answering a request; undefined for a bug. The operator reads in the log of
 * a bug, whole, and of what a refusal hides.
 */
export function refusalBehind(error: unknown, request: FastifyRequest): Refusal | undefined {
  const refusal = refusalIn(error, request)
  if (refusal) logCause(request, error)
  else request.log.error({ err: error }, 'request failed')
  return refusal
}

function refusalIn(error: unknown, request: FastifyRequest): Refusal | undefined {
  if (error instanceof Refused) return error.refusal
  if (isOutOfReach(error)) return { code: 'http.unavailable', retryAfterSeconds: 2 } as HttpRefusal
  return isFastifyError(error) ? httpRefusal(error, request) : undefined
}

/** An outage, or whatever a gateway's refusal hides: the client is told to try again, the operator why. */
export function logCause(request: FastifyRequest, error: unknown): void {
  const cause = error instanceof Refused ? error.cause : isOutOfReach(error) && error
  if (cause) request.log.warn({ err: cause }, 'a request could not be served')
}

function httpRefusal(error: FastifyError, { headers }: FastifyRequest): HttpRefusal | undefined {
  if (error.validation) return { code: 'http.invalid', problems: fieldProblems(error.validation as never) }
  switch (error.code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_CTP_EMPTY_TYPE':
      return { code: 'http.media-type', mediaType: headers['content-type']?.slice(0, 100) ?? '' }
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return { code: 'http.too-large' }
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return { code: 'http.malformed', problem: 'The body is not as long as Content-Length says.' }
  }
  const isTheClients = error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500
  return isTheClients ? { code: 'http.bad-request', problem: 'Bad request.' } : undefined
}

/** Errors of its plugins have a status too, though not always a code. */
function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error && 'statusCode' in error
}

// Connections that break, are refused or are too many (08…, 28…, 3D000, 55000, 57P0x, 53…); lock and statement time-outs.
const OUT_OF_REACH = /^(08|28|3D000|53|55000|55P03|57P0|57014|25P03)/
const SOCKET_ERRORS = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
])

/** Whether the database was out of reach or too slow; the driver has no types for some of its errors, only words. */
export function isOutOfReach(error: unknown): boolean {
  if (error instanceof MediaStoreError) return true
  const state = sqlState(error)
  if (state) return OUT_OF_REACH.test(state)
  if (!(error instanceof Error)) return false
  if ('syscall' in error && SOCKET_ERRORS.has(String((error as NodeJS.ErrnoException).code))) return true
  if (error.message === NO_ANSWER) return true
  return /^(timeout exceeded when trying to connect|Connection terminated|Client has encountered a connection error)/.test(
    error.message,
  )
}
