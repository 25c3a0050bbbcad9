import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

interface StoredObject {
  readonly bytes: Buffer
  readonly type: string | undefined
  storedAt: Date
}

/** As much of an S3-compatible store as Tradepost speaks to: objects of one bucket, addressed by path. */
export interface S3Server {
  readonly settings: { endpoint: string; region: string; bucket: string; accessKey: string; secretKey: string }
  /** By key. */
  readonly objects: Map<string, StoredObject>
  /** `PUT /shop-media/avatars/…`, in the order they came. */
  readonly requests: string[]
  /** The answer to everything from now on; undefined: it works again. */
  failure: { status: number; code: string } | undefined
  stop(): Promise<void>
}

/** Of a list; few, so that a test can fill several. */
const PAGE = 2
const SETTINGS = { region: 'eu-test-1', bucket: 'shop-media', accessKey: 'test-key', secretKey: 'test-secret' }

export async function startS3Server(): Promise<S3Server> {
  const objects = new Map<string, StoredObject>()
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url?.split('?', 1)[0]}`)
    answer(request, response).catch(() => response.destroy())
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.from(await text(request.setEncoding('latin1')), 'latin1')
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://s3')
    const [, bucket, ...rest] = pathname.split('/')
    const key = decodeURIComponent(rest.join('/'))
    if (s3.failure) return refuse(response, s3.failure.status, s3.failure.code)
    if (!isSigned(request, body)) return refuse(response, 403, 'SignatureDoesNotMatch')
    if (bucket !== SETTINGS.bucket) return refuse(response, 404, 'NoSuchBucket')
    if (request.method === 'GET' && key === '') return sendList(response, searchParams)
    if (request.method === 'PUT') {
      objects.set(key, { bytes: body, type: request.headers['content-type'], storedAt: new Date() })
      response.end()
    } else if (request.method === 'DELETE') {
      objects.delete(key)
      response.writeHead(204).end()
    } else {
      const found = objects.get(key)
      if (!found) return refuse(response, 404, 'NoSuchKey')
      response.writeHead(200, { 'content-type': found.type, 'content-length': found.bytes.length }).end(found.bytes)
    }
  }

  function sendList(response: ServerResponse, query: URLSearchParams): void {
    const after = query.get('continuation-token') ?? ''
    const keys = [...objects.keys()].filter((key) => key.startsWith(query.get('prefix') ?? '')).sort()
    const left = keys.filter((key) => key > after)
    const page = left.slice(0, PAGE)
    const contents = page.map((key) => {
      const at = objects.get(key)?.storedAt.toISOString()
      return `<Contents><Key>${key}</Key><LastModified>${at}</LastModified></Contents>`
    })
    const next = left.length > PAGE ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ''
    sendXml(response, 200, `<ListBucketResult>${contents.join('')}${next}</ListBucketResult>`)
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const s3: S3Server = {
    settings: { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, ...SETTINGS },
    objects,
    requests,
    failure: undefined,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return s3
}

/** By the right key, for the right region, and over this body; the arithmetic behind it is the library's. */
function isSigned({ headers }: IncomingMessage, body: Buffer): boolean {
  const scope = new RegExp(
    `^AWS4-HMAC-SHA256 Credential=${SETTINGS.accessKey}/\\d{8}/${SETTINGS.region}/s3/aws4_request,`,
  )
  const digest = createHash('sha256').update(body).digest('hex')
  return scope.test(headers.authorization ?? '') && headers['x-amz-content-sha256'] === digest
}

function refuse(response: ServerResponse, status: number, code: string): void {
  sendXml(response, status, `<Error><Code>${code}</Code><Message>${code}</Message></Error>`)
}

function sendXml(response: ServerResponse, status: number, xml: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' }).end(`<?xml version="1.0"?>${xml}`)
}
