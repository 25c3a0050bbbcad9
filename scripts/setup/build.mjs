import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { ROOT } from './root.mjs'

/** In the order of building: a later one may import what was built of an earlier one. */
const WORKSPACES = ['payu-simulator', 'server']

/** Compiles each workspace's src to its dist if it has changed since. Exits with the compiler's words if it does not compile. */
export function ensureBuilt() {
  for (const workspace of WORKSPACES) ensureWorkspaceBuilt(workspace)
}

function ensureWorkspaceBuilt(workspace) {
  const dist = path.join(ROOT, workspace, 'dist')
  const stamp = path.join(dist, '.built-from')
  const sources = describeSources(workspace)
  if (readIfThere(stamp) === sources) return
  const fresh = `${dist}.new-${process.pid}`
  try {
    const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc')
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [tsc, '-p', path.join(ROOT, workspace), '--outDir', fresh],
      { cwd: ROOT, encoding: 'utf8' },
    )
    if (status !== 0) {
      console.error(`${stdout}${stderr}\n${workspace}/src does not compile; nothing was built of it.`)
      fs.rmSync(fresh, { recursive: true, force: true })
      process.exit(1)
    }
    moveInto(dist, fresh)
    fs.writeFileSync(`${fresh}.stamp`, sources)
    fs.renameSync(`${fresh}.stamp`, stamp)
  } finally {
    fs.rmSync(fresh, { recursive: true, force: true })
  }
}

/** The files a workspace is built of. */
export function listSources(workspace) {
  const sources = path.join(ROOT, workspace, 'src')
  return fs
    .readdirSync(sources, { recursive: true })
    .filter((name) => /\.(ts|mjs)$/.test(name) && !name.endsWith('.test.ts'))
    .sort()
    .map((name) => path.join(sources, name))
}

/** What a build depends on, by size and time: cheaper to compare than contents. */
function describeSources(workspace) {
  const others = ['tsconfig.json', `${workspace}/tsconfig.json`].map((name) => path.join(ROOT, name))
  return [...listSources(workspace), ...others]
    .map((file) => {
      const { size, mtimeMs } = fs.statSync(file)
      return `${path.relative(ROOT, file)} ${size} ${mtimeMs}`
    })
    .join('\n')
}

/**
 * File by file, each at once and whole: another build, or a program that is just loading the old one,
 * never meets a missing or half-written file.
 */
function moveInto(target, source) {
  fs.mkdirSync(target, { recursive: true })
  const wanted = fs.readdirSync(source, { withFileTypes: true })
  for (const entry of wanted) {
    const [from, to] = [path.join(source, entry.name), path.join(target, entry.name)]
    if (entry.isDirectory()) moveInto(to, from)
    else fs.renameSync(from, to)
  }
  const names = new Set(wanted.map((entry) => entry.name))
  for (const name of fs.readdirSync(target)) {
    if (names.has(name) || name.startsWith('.built-from')) continue
    fs.rmSync(path.join(target, name), { recursive: true, force: true })
  }
}

function readIfThere(file) {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : undefined
}
