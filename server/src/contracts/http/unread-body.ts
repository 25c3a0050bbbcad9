import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'

/** Read away rather than closing the connection, so that who sends too much hears the answer. Many a photograph too large. */
export const READ_AWAY_BYTES_MAX = 25 * 1_024 * 1_024
/**
 * Each piece costs some microseconds, be it a single byte: a body of five million of them would be half a minute's work.
 * Real ones come in some thousands.
 */
export const PIECES_MAX = 50_000
const LINGER_SECONDS = 10

/** Whether so much of the body may be unread that it is not worth the connection. */
export function isTooMuchToReadAway(request: IncomingMessage): boolean {
  if (request.complete) return false
  return request.headers['transfer-encoding'] !== undefined || bytesAnnounced(request) > READ_AWAY_BYTES_MAX
}

/** 0 for a body whose length is not told. */
export function bytesAnnounced({ headers }: IncomingMessage): number {
  return Number(headers['content-length'] ?? 0)
}

/**
 * Reads on without keeping anything.
 *
 * @returns whether that was the rest
 */
export async function readAway(source: Readable, bytesMax: number): Promise<boolean> {
  let bytes = 0
  let pieces = 0
  try {
    for await (const piece of source.iterator({ destroyOnReturn: false })) {
      bytes += piece.length
      pieces += 1
      if (bytes > bytesMax || pieces > PIECES_MAX) return false
    }
  } catch {
    // The connection is gone, and the rest with it.
  }
  return true
}

/**
 * An answer to be sent with `connection: close`, whose last byte is there long before its end: a connection that is closed
 * while somebody still sends is reset, and takes with it what they have not read yet. So this one stays for a while.
 */
export function lingering(answer: string, request: IncomingMessage): Readable {
  return Readable.from(stayFor(answer, request), { objectMode: false })
}

async function* stayFor(answer: string, request: IncomingMessage): AsyncGenerator<string> {
  yield answer
  let timer: NodeJS.Timeout | undefined
  const timeIsUp = new Promise((resolve) => {
    timer = setTimeout(resolve, LINGER_SECONDS * 1_000).unref()
  })
  await Promise.race([readAway(request, READ_AWAY_BYTES_MAX), timeIsUp])
  clearTimeout(timer)
}
