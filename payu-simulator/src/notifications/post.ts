import http from 'node:http'
import https from 'node:https'

const TIMEOUT_MS = 10_000
const ANSWER_BYTES_MAX = 64 * 1024

export interface Answer {
  readonly httpStatus: number
  /** Its beginning. */
  readonly body: string
}

/** Sends it, follows no redirect, reads no more of the answer than it must. Rejects when there is no answer in time. */
export function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
  signal: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { request } = url.startsWith('https:') ? https : http
    const sent = request(url, {
      method: 'POST',
      headers: { ...headers, 'Content-Length': body.length },
      agent: false,
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    })
    sent.once('error', (error) => reject(error.name === 'TimeoutError' ? new Error('no answer in time') : error))
    sent.once('response', (response) => {
      let answer = Buffer.alloc(0)
      const done = () => {
        resolve({ httpStatus: response.statusCode ?? 0, body: answer.toString('utf8', 0, 300) })
        response.destroy()
      }
      response.on('data', (chunk: Buffer) => {
        answer = Buffer.concat([answer, chunk])
        if (answer.length > ANSWER_BYTES_MAX) done()
      })
      response.once('end', done)
      response.once('error', reject)
    })
    sent.end(body)
  })
}
