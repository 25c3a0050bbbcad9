// Loaded into the server before anything else: tells, on SIGUSR2, what is in its memory once all rubbish is gone.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc')

process.on('SIGUSR2', () => {
  collectGarbage()
  const { rss, heapUsed, external } = process.memoryUsage()
  const facts = { rss, heapUsed, external, open: process.getActiveResourcesInfo().length }
  process.stderr.write(`PROBE ${JSON.stringify(facts)}\n`)
})
