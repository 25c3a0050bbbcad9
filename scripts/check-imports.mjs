// Keeps the imports of server/src going one way: contracts, cli → rooms → store → kernel. Prints each breach.
import fs from 'node:fs'
import path from 'node:path'
import { ROOT } from './setup/root.mjs'

const SOURCES = path.join(ROOT, 'server/src')

/** Each room, and the rooms it may import. One that wants to go back is a function argument in disguise. */
const ROOMS = {
  media: [],
  mail: [],
  identity: ['mail', 'media'],
  catalogue: [],
  stock: ['identity', 'catalogue'],
  bucket: ['identity', 'catalogue', 'stock'],
  orders: ['identity', 'catalogue', 'stock', 'bucket', 'mail'],
  payments: ['identity', 'catalogue', 'stock', 'bucket', 'orders', 'mail'],
  events: ['identity', 'orders', 'payments', 'mail'],
  webhooks: ['events'],
}
const FRONT_DOORS = ['contracts', 'cli']
/** They know everything: the files that read the configuration, build the program and start it. */
const COMPOSITION = [
  'config.ts',
  'settings-reader.ts',
  'unknown-settings.ts',
  'app.ts',
  'main.ts',
  'serve.ts',
  'primary.ts',
  'worker.ts',
  'jobs.ts',
  'demo.ts',
  'simulated-payu.ts',
]
const IMPORT = /^\s*(?:import|export)\s(?:[^'"]*?\sfrom\s)?\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm

const breaches = fs
  .readdirSync(SOURCES, { recursive: true })
  .filter((name) => name.endsWith('.ts'))
  .sort()
  .flatMap(breachesOf)

for (const breach of breaches) console.error(breach)
if (breaches.length > 0) process.exitCode = 1

function breachesOf(file) {
  const text = fs.readFileSync(path.join(SOURCES, file), 'utf8')
  return [...text.matchAll(IMPORT)].flatMap((match) => {
    const rule = brokenRule(file.split(path.sep).join('/'), match[1] ?? match[2])
    if (!rule) return []
    const line = text.slice(0, match.index + match[0].search(/\S/)).split('\n').length
    return [`server/src/${file}:${line}  imports ${match[1] ?? match[2]}: ${rule}`]
  })
}

/** The rule that the import breaks, in words. */
function brokenRule(file, specifier) {
  const from = placeOf(file)
  if (!specifier.startsWith('.')) {
    if (specifier === 'payu-simulator')
      return !COMPOSITION.includes(from) && 'only who builds the program mounts the simulator'
    const isFastify = specifier === 'fastify' || specifier.startsWith('fastify-') || specifier.startsWith('@fastify/')
    return isFastify && !FRONT_DOORS.includes(from) && !COMPOSITION.includes(from) && 'only contracts know HTTP'
  }
  const target = path.posix.join(path.posix.dirname(file), specifier)
  // Out of server/src: the package's own files, and for tests their support.
  if (target.startsWith('../') || COMPOSITION.includes(from)) return undefined
  const to = placeOf(target)
  if (from === to) return undefined
  if (to === 'config.ts') return from !== 'cli' && 'only cli and main read the configuration'
  if (COMPOSITION.includes(to)) return from !== 'cli' && 'nobody but cli imports what builds the program'
  if (FRONT_DOORS.includes(to)) return `${to} is a front door: nothing imports it but ${COMPOSITION.join(', ')}`
  if (from === 'kernel') return 'the kernel imports nothing of ours'
  if (from === 'store') return to !== 'kernel' && 'the store imports the kernel only'
  if (to in ROOMS) {
    if (from in ROOMS && !ROOMS[from].includes(to)) return `${from} may import ${ROOMS[from].join(', ') || 'no room'}`
    return target !== `${to}/index.ts` && `a room's door is its index.ts: import ${to}/index.ts`
  }
  const isKnown = from in ROOMS || FRONT_DOORS.includes(from)
  return (
    (!isKnown || !['kernel', 'store'].includes(to)) &&
    `no rule for ${from} → ${to}; add it to scripts/check-imports.mjs`
  )
}

/** The folder of server/src, or the file that lies in it directly; a file's test may do what the file may. */
function placeOf(file) {
  return file.split('/')[0].replace(/\.test\.ts$/, '.ts')
}
