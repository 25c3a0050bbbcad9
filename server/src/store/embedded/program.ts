import path from 'node:path'
import { type Account, canReach } from './account.ts'
import type { Binaries } from './binaries.ts'
import { codeOf, EmbeddedPostgresError, USE_DATABASE_URL } from './error.ts'

/** Whose programs are run as whom. */
export interface Runner {
  /** Whom they run as; undefined for ourselves. */
  readonly account: Account | undefined
  readonly binaries: Binaries
}

/** What to hand to `spawn` for one of PostgreSQL's programs: its account, a clean environment, inside `directory`. */
export function programOf({ account, binaries }: Runner, name: 'initdb' | 'postgres' | 'pg_ctl', directory: string) {
  const passedOn = ['PATH', 'SystemRoot', 'TEMP', 'TMP'].flatMap((variable) => {
    const value = process.env[variable]
    return value === undefined ? [] : [[variable, value]]
  })
  return {
    command: path.join(binaries.native, 'bin', name),
    options: {
      cwd: directory,
      env: { ...Object.fromEntries(passedOn), LC_ALL: 'C' } as NodeJS.ProcessEnv,
      ...(account && { uid: account.uid, gid: account.gid }),
    },
  }
}

/**
 * The directory as the program may call it. Node enters it before it gives up root, so where the directories
 * above are closed to the account (/root is), it can still be reached as the working directory.
 */
export function nameFor({ account }: Runner, directory: string): string {
  return account && !canReach(account, directory) ? '/proc/self/cwd' : directory
}

export function cannotRun({ account, binaries }: Runner, error: Error): EmbeddedPostgresError {
  const who = account ? ` as user ${account.name}` : ''
  const why = codeOf(error) === 'ENOENT' ? ' (it needs glibc, which Alpine and other musl systems lack)' : ''
  return new EmbeddedPostgresError(
    `The embedded PostgreSQL in ${binaries.native} cannot be run${who}: ${error.message}${why}\n${USE_DATABASE_URL}`,
  )
}
