import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// The pipeline adds up the counts of its two runs.
const countsFile = process.env.TRADEPOST_TEST_COUNTS
const json: [string, Record<string, unknown>][] = countsFile ? [['json', { outputFile: countsFile }]] : []

export default defineConfig({
  resolve: {
    // Its sources, not what was built of them last.
    alias: { 'payu-simulator': fileURLToPath(new URL('payu-simulator/src/index.ts', import.meta.url)) },
  },
  test: {
    include: [
      'server/src/**/*.test.ts',
      'payu-simulator/src/**/*.test.ts',
      'test/**/*.test.ts',
      'simulation/*.test.ts',
      'fuzz/*.test.ts',
    ],
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/seed.ts'],
    reporters: ['./test/support/left-out-reporter.ts', 'default', ...json],
    // On two cores: a third of a test is waiting, and the database server wants its part.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
