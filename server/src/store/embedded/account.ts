import fs from 'node:fs'
import path from 'node:path'
import { codeOf, EmbeddedPostgresError } from './error.ts'

/** A user of this machine, other than ours, under which PostgreSQL is run. */
export interface Account {
  readonly uid: number
  readonly gid: number
  readonly name: string
}

/**
 * Under whom PostgreSQL runs: undefined for ourselves. It refuses to run as root, so root runs it as the
 * user who owns the database, and makes a new one for the owner of `dataDir` or, when that is root too, for `nobody`.
 *
 * @throws EmbeddedPostgresError when the database belongs to somebody else and we are not root
 */
export function accountFor(dataDir: string, clusterDir: string): Account | undefined {
  const us = process.getuid?.()
  if (us === undefined) return undefined // Windows
  const owner = ownerOf(clusterDir)
  if (us !== 0) {
    if (owner && owner.uid !== us) throw belongsTo(owner.uid, us, clusterDir)
    return undefined
  }
  if (owner?.uid === 0) {
    const advice = `give it to a user who is to run it: chown -R nobody ${clusterDir}`
    throw new EmbeddedPostgresError(
      `The database in ${clusterDir} belongs to root, and PostgreSQL does not run as root; ${advice}`,
    )
  }
  const chosen = owner ?? ownerOf(dataDir)
  if (chosen && chosen.uid !== 0) return { ...chosen, name: nameOf(chosen.uid) }
  return accountNamed('nobody')
}

function ownerOf(directory: string): { uid: number; gid: number } | undefined {
  try {
    const found = fs.statSync(directory)
    if (found.isDirectory()) return { uid: found.uid, gid: found.gid }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw new EmbeddedPostgresError(`The database cannot be reached: ${(error as Error).message}`)
  }
  throw new EmbeddedPostgresError(`${directory} should be a directory, but it is something else; move it away`)
}

function belongsTo(owner: number, us: number, clusterDir: string): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    [
      `The database in ${clusterDir} belongs to user ${nameOf(owner)}, and this is user ${nameOf(us)}.`,
      'Run Tradepost as root or as that user, or choose another DATA_DIR,',
      `or let root hand the database over while Tradepost is stopped: chown -R ${nameOf(us)} ${path.dirname(clusterDir)}`,
    ].join('\n'),
  )
}

/** Whether that user may enter every directory above `target`, and read it (enter it, if it is a directory). */
export function canReach(account: Account, target: string): boolean {
  const real = fs.realpathSync(target)
  for (let above = path.dirname(real); ; above = path.dirname(above)) {
    if (!isAllowed(account, above, 0o1)) return false
    if (above === path.dirname(above)) break
  }
  return isAllowed(account, real, 0o5)
}

function isAllowed(account: Account, target: string, wanted: number): boolean {
  const { uid, gid, mode } = fs.statSync(target)
  if (uid === account.uid) return ((mode >> 6) & wanted) === wanted
  if (gid === account.gid) return ((mode >> 3) & wanted) === wanted
  return (mode & wanted) === wanted
}

function accountNamed(name: string): Account {
  const entry = passwdEntries().find((fields) => fields[0] === name)
  if (!entry) {
    throw new EmbeddedPostgresError(
      `PostgreSQL does not run as root, and this machine has no user ${name} to run it as; start Tradepost as an ordinary user`,
    )
  }
  return { uid: Number(entry[2]), gid: Number(entry[3]), name }
}

function nameOf(uid: number): string {
  return passwdEntries().find((fields) => fields[2] === String(uid))?.[0] ?? String(uid)
}

function passwdEntries(): string[][] {
  try {
    return fs
      .readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
  } catch {
    return [] // macOS keeps its people elsewhere; ids will have to do
  }
}
