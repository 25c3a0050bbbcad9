/**
 * The plain text of a mail that the folder holds. It reads what we write (one body, or alternatives of one), not
 * whatever mail there may be.
 */
export function textOfEml(eml: string): string {
  const { headers, body } = split(eml)
  const boundary = /^multipart\/.*boundary="?([^";]+)"?/is.exec(headers.get('content-type') ?? '')?.[1]
  if (boundary === undefined) return decode(headers, body)
  const parts = body.split(new RegExp(`\\r?\\n?--${escapeRegExp(boundary)}(?:--)?[ \\t]*\\r?\\n?`)).slice(1)
  const plain = parts.map(split).find((part) => /^text\/plain\b/i.test(part.headers.get('content-type') ?? ''))
  return plain ? decode(plain.headers, plain.body) : ''
}

function split(text: string): { headers: Map<string, string>; body: string } {
  const end = /\r?\n\r?\n/.exec(text)
  const head = end ? text.slice(0, end.index) : text
  const lines = head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]
  })
  return { headers: new Map(headers), body: end ? text.slice(end.index + end[0].length) : '' }
}

function decode(headers: Map<string, string>, body: string): string {
  const encoding = headers.get('content-transfer-encoding')?.toLowerCase()
  const isFlowed = /\bformat=flowed\b/i.test(headers.get('content-type') ?? '')
  return encoded(encoding, body)
    .replaceAll('\r\n', '\n')
    .replace(isFlowed ? / \n/g : /(?!)/g, ' ')
}

function encoded(encoding: string | undefined, body: string): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8')
  if (encoding !== 'quoted-printable') return body
  const bytes = body
    .replace(/=\r?\n/g, '')
    .replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
