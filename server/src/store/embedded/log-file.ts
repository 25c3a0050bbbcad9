import fs from 'node:fs'
import type { Account } from './account.ts'
import { EmbeddedPostgresError } from './error.ts'

/** What the server says, in `DATA_DIR/postgres.log`. */
export interface LogFile {
  readonly path: string
  /** Open for the server to append to. */
  readonly fd: number
  size(): number
  /** What was written from that byte on. */
  since(byte: number): string
  /** Cuts it to its last megabyte when it has grown. */
  keepSmall(): void
  close(): void
}

const BYTES_MAX = 8 * 1024 * 1024
const BYTES_KEPT = 1024 * 1024
const { O_APPEND, O_CREAT, O_RDWR } = fs.constants
// Root may be asked to use a directory of somebody else, who might have put a link to another file here. Not on Windows.
const O_NOFOLLOW: number = fs.constants.O_NOFOLLOW ?? 0

export function openLogFile(path: string, account: Account | undefined): LogFile {
  const fd = openOrExplain(path)
  if (account) fs.fchownSync(fd, account.uid, account.gid)

  function since(byte: number): string {
    const from = Math.min(byte, fs.fstatSync(fd).size)
    const text = Buffer.alloc(Math.min(fs.fstatSync(fd).size - from, BYTES_KEPT))
    fs.readSync(fd, text, 0, text.length, from)
    return text.toString('utf8')
  }

  return {
    path,
    fd,
    since,
    size: () => fs.fstatSync(fd).size,
    keepSmall() {
      const { size } = fs.fstatSync(fd)
      if (size <= BYTES_MAX) return
      // The server holds the same file open for appending: it is emptied in place, not renamed.
      const kept = since(size - BYTES_KEPT)
      fs.ftruncateSync(fd, 0)
      fs.writeSync(fd, kept.slice(kept.indexOf('\n') + 1))
    },
    close: () => fs.closeSync(fd),
  }
}

function openOrExplain(path: string): number {
  try {
    return fs.openSync(path, O_APPEND | O_CREAT | O_RDWR | O_NOFOLLOW, 0o600)
  } catch (error) {
    throw new EmbeddedPostgresError(`The database's log cannot be written: ${(error as Error).message}`)
  }
}
