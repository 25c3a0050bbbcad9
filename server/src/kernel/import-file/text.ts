// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0001-\u0008\u000B-\u001F\u007F-\u009F]/

/** What in a value can be neither stored nor shown. */
export function findUnreadable(value: string): string | undefined {
  if (value.includes('\0')) return 'holds a NUL character: take it out'
  // A terminal would obey them where they are shown. Line breaks and tabs may stand in a description.
  if (CONTROL.test(value)) return 'holds a control character: take it out'
  // What decoding puts where the bytes are no UTF-8.
  if (value.includes('\uFFFD')) return 'holds bytes that are no UTF-8: save the file as UTF-8'
  return undefined
}

export function findTooLong(value: string, max: number | undefined): string | undefined {
  // PostgreSQL counts characters, JavaScript pairs of bytes: look closer only where it may matter.
  if (max === undefined || value.length <= max) return undefined
  const length = Array.from(value).length
  return length > max ? `has ${length} characters, ${max} are the most` : undefined
}
