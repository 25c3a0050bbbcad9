import type { Wish } from './wishes.ts'

/** A body as it goes out, with the headers that tell, or mistell, where it ends. */
export function frame(body: Buffer | undefined, framing: Wish['framing']) {
  const none = Buffer.alloc(0)
  if (body === undefined) return { framed: none, lengths: [], isWhole: true }
  const length = (bytes: number): [string, string] => ['content-length', String(bytes)]
  const chunked: [string, string] = ['transfer-encoding', 'chunked']
  const chunks = Buffer.concat([...inChunks(body), Buffer.from('0\r\n\r\n')])
  switch (framing) {
    case 'length':
      return { framed: body, lengths: [length(body.length)], isWhole: true }
    case 'chunked':
      return { framed: chunks, lengths: [chunked], isWhole: true }
    case 'short':
      return { framed: body.subarray(0, body.length / 2), lengths: [length(body.length + 1)], isWhole: false }
    case 'both':
      return { framed: chunks, lengths: [chunked, length(body.length)], isWhole: false }
    case 'negative':
      return { framed: body, lengths: [length(-1)], isWhole: false }
  }
}

function inChunks(body: Buffer): Buffer[] {
  const size = Math.max(1, Math.ceil(body.length / 3))
  return [0, 1, 2].flatMap((n) => {
    const chunk = body.subarray(n * size, (n + 1) * size)
    return chunk.length === 0 ? [] : [Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n')]
  })
}

/** For whoever wants to send it again by hand. */
export function shellFor(
  baseUrl: string,
  method: string,
  path: string,
  headers: readonly [string, string][],
  body: Buffer | undefined,
  framing: Wish['framing'],
): string {
  const given = headers.map(([name, value]) => `-H ${quote(value === '' ? `${name};` : `${name}: ${value}`)}`)
  const length = framing === 'chunked' ? [`-H 'transfer-encoding: chunked'`] : []
  const curl = ['curl -i --path-as-is -X', method, quote(baseUrl + path), ...given, ...length]
  const note = framing === 'length' || framing === 'chunked' ? '' : ` # with its length told wrong: ${framing}`
  if (body === undefined) return curl.join(' ')
  const isText =
    body.length < 2_000 &&
    body.toString('utf8').isWellFormed() &&
    Buffer.from(body.toString('utf8')).equals(body) &&
    !body.includes(0)
  const isLong = body.length > 5_000
  const from = isText
    ? `printf %s ${quote(body.toString('utf8'))}`
    : `echo ${isLong ? `(${body.length} bytes) ` : ''}${body.subarray(0, 5_000).toString('base64')} | base64 -d`
  return `${from} | ${curl.join(' ')} --data-binary @-${note}`
}

export const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
