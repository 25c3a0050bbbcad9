import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { ROOT } from './root.mjs'

/** Runs `npm ci` if the packages are not those that package-lock.json asks for. Exits with a message if it fails. */
export function ensureInstalled() {
  if (isInstalled()) return
  console.log('Installing packages (npm ci): once, and again when package-lock.json has changed …')
  // npm tells the scripts it runs where it lies itself; on Windows a bare `npm` could not be spawned.
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm']
  const args = [...npm.slice(1), 'ci', '--ignore-scripts', '--no-audit', '--no-fund']
  // Ctrl-C reaches npm too: wait for it to end, or it would go on behind the prompt and be in the way of the next try.
  const wait = () => {}
  process.on('SIGINT', wait)
  const { status, signal, error } = spawnSync(npm[0], args, { cwd: ROOT, stdio: 'inherit' })
  process.off('SIGINT', wait)
  if (status === 0) return
  if (signal || status === 130) process.exit(130)
  console.error(`
npm ci failed${error ? ` (${error.message})` : ''}; what it said is above. Usual reasons:
  no way to the package registry: check the network and npm's proxy settings (npm config list)
  ${path.join(ROOT, 'node_modules')} belongs to another user: remove it, or run this as that user
Then try again, or run it by hand: npm ci --ignore-scripts`)
  process.exit(1)
}

function isInstalled() {
  const asked = path.join(ROOT, 'package-lock.json')
  const installed = path.join(ROOT, 'node_modules/.package-lock.json')
  const installedAt = fs.statSync(installed, { throwIfNoEntry: false })?.mtimeMs
  if (installedAt === undefined) return false
  // A copied or freshly checked out tree has times that tell nothing: then the contents decide.
  return fs.statSync(asked).mtimeMs <= installedAt || isSame(readPackages(asked), readPackages(installed))
}

function isSame(asked, installed) {
  return Object.entries(asked).every(([place, { version, integrity, optional }]) => {
    const found = installed[place]
    if (!found) return place === '' || optional === true // the root itself; packages for other platforms
    return found.version === version && found.integrity === integrity
  })
}

function readPackages(file) {
  return JSON.parse(fs.readFileSync(file, 'utf8')).packages
}
