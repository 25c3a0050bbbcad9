import { BadStatement } from './statement-line.ts'

/** What DOS, and some banks to this day, mean by the bytes from 0x80; Node has no decoder for it. */
const CP852 =
  'ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×čáíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐└┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ▀ÓßÔŃńňŠšŔÚŕŰýÝţ´\u00AD˝˛ˇ˘§÷¸°¨˙űŘř■\u00A0'

/** So many bytes beyond ASCII tell well enough which of the code pages it is. */
const LOOKED_AT = 4_096

/**
 * The text of a file that does not say how it is encoded: UTF-8 when it can be that, else the code page in which it has
 * the most letters. Titles are ASCII in all of them, so that a wrong guess spoils a payer's name at worst.
 */
export function decodeUnlabeled(bytes: Buffer): string {
  const marked = decodeMarked(bytes)
  if (marked !== undefined) return marked
  if (isUtf8(bytes)) return new TextDecoder('utf-8').decode(bytes)

  const sample = Buffer.from(bytes.filter((byte) => byte >= 0x80).subarray(0, LOOKED_AT))
  const best = CODE_PAGES.map(({ decode }) => ({ decode, letters: likeness(decode(sample)) })).reduce((a, b) =>
    b.letters > a.letters ? b : a,
  )
  return best.decode(bytes)
}

/**
 * The text of an XML file, by the encoding that it names.
 *
 * @throws BadStatement when the bytes are not in it, or nobody knows it
 */
export function decodeXml(bytes: Buffer): string {
  const marked = decodeMarked(bytes)
  if (marked !== undefined) return marked
  const head = bytes.toString('latin1', 0, 200)
  const named = /^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(head)?.[1] ?? 'utf-8'
  try {
    return new TextDecoder(named, { fatal: true }).decode(bytes)
  } catch {
    throw new BadStatement(`the file says it is in ${named}, and is not: download it from the bank again`, 1)
  }
}

/** By its byte order mark. */
function decodeMarked(bytes: Buffer): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  return undefined
}

function isUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

const CODE_PAGES: readonly { decode: (bytes: Buffer) => string }[] = [
  { decode: (bytes) => new TextDecoder('windows-1250').decode(bytes) },
  { decode: (bytes) => new TextDecoder('iso-8859-2').decode(bytes) },
  { decode: (bytes) => bytes.toString('latin1').replace(/[\x80-\xFF]/g, (c) => CP852[c.charCodeAt(0) - 0x80] ?? c) },
]

/** How much of it could be somebody's name: Polish letters tell most, signs and box drawings speak against it. */
function likeness(text: string): number {
  const polish = text.match(/[ąćęłńóśźżĄĆĘŁŃÓŚŹŻ]/g)?.length ?? 0
  const letters = text.match(/\p{L}/gu)?.length ?? 0
  return 3 * polish + letters - 3 * (text.length - letters)
}
