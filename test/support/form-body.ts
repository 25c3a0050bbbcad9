/** As a browser makes them up: nothing of it is ever in what it separates. */
export const BOUNDARY = '----WebKitFormBoundary7MA4YWxkTrZu0gW'
export const BEGIN = `--${BOUNDARY}\r\n`
export const END = `--${BOUNDARY}--\r\n`
export const FORM_TYPE = `multipart/form-data; boundary=${BOUNDARY}`

export interface Part {
  readonly name: string
  readonly value: string | Buffer
  readonly filename?: string
  readonly type?: string
}

/** A form as browsers write it, but for what is in it. */
export function formOf(parts: readonly Part[], end = END): Buffer {
  const pieces = parts.flatMap(({ name, value, filename, type }) => {
    const file = filename === undefined ? '' : `; filename="${filename}"`
    const head = `${BEGIN}content-disposition: form-data; name="${name}"${file}\r\n${type ? `content-type: ${type}\r\n` : ''}\r\n`
    return [Buffer.from(head), Buffer.from(value), Buffer.from('\r\n')]
  })
  return Buffer.concat([...pieces, Buffer.from(end)])
}

export const text = (name: string, value: string | Buffer, type?: string): Part => ({
  name,
  value,
  ...(type && { type }),
})
export const file = (value: string | Buffer, name = 'avatar', type = 'image/png'): Part => ({
  name,
  value,
  filename: 'me.png',
  type,
})

/** A picture that cannot be made small. */
export async function noise(side: number): Promise<Buffer> {
  const { default: sharp } = await import('sharp')
  const pixels = Buffer.alloc(side * side * 3)
  for (let i = 0, x = 1; i < pixels.length; i++) {
    x = (x * 48_271) % 2_147_483_647
    pixels[i] = x & 255
  }
  return sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toBuffer()
}
