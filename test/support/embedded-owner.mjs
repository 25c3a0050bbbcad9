// A process of its own that joins the embedded PostgreSQL of the data directory it is given, and says what it finds
// in lines of JSON. It leaves when its standard input ends; a test that wants an accident kills it.
import path from 'node:path'
import { runnerImport } from 'vite'

const source = path.resolve(import.meta.dirname, '../../server/src/store/embedded/index.ts')
const { module } = await runnerImport(source, { configFile: false, logLevel: 'error' })

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`)
try {
  const postgres = await module.joinEmbeddedPostgres({
    dataDir: process.argv[2],
    onProgress: (progress) => say({ progress }),
    settings: { fsync: 'off' },
  })
  say({ wasRunning: postgres.wasRunning, isServing: await postgres.tryClaimServing(`process ${process.pid}`) })
  process.stdin.resume().once('end', async () => {
    await postgres.leave()
    say({ left: true })
  })
} catch (error) {
  say({ error: error.message })
}
