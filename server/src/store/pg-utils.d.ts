// A part of the driver that its types leave out; its own cursors use it, too.
declare module 'pg/lib/utils.js' {
  const utils: {
    /** As PostgreSQL reads it: text, bytes or null. */
    prepareValue(value: unknown): string | Buffer | null
  }
  export default utils
}
