import { Command } from 'commander'
import { connectStore } from '../store/connect.ts'
import { migrate, pendingMigrations } from '../store/migrate.ts'
import { closing, readSettings, say, telling } from './run.ts'

export function migrateCommand(): Command {
  return new Command('migrate')
    .description('bring the database up to date; `start` does it too')
    .option('--dry-run', 'only list what would be applied')
    .action(async ({ dryRun }: { dryRun?: boolean }) => {
      await telling(async () => {
        const { databaseUrl, dataDir } = readSettings()
        const store = await connectStore({ databaseUrl, dataDir, poolSize: 1, onProgress: say })
        await closing(store, async () => {
          const names = dryRun ? await pendingMigrations(store.db) : await migrate(store.db, { onProgress: say })
          for (const name of names) console.log(name)
          if (names.length === 0) console.log('The database is up to date.')
        })
      })
    })
}
