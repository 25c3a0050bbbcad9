import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type BrowserContext, chromium } from 'playwright-core'

/** Debian's, unless CHROMIUM says where another one is. */
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'

export const NO_BROWSER = fs.existsSync(CHROMIUM) ? undefined : `there is no ${CHROMIUM}; CHROMIUM may name another one`

/** A browser with nothing in it. Close it with `close`. */
export async function openBrowser(): Promise<{ context: BrowserContext; close(): Promise<void> }> {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'payu-simulator-browser-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    headless: true,
    // Chromium must not look for the world outside; nor can root have its sandbox.
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
    ].concat(['--disable-component-update', '--disable-sync']),
  })
  return {
    context,
    async close() {
      await context.close()
      fs.rmSync(profile, { recursive: true, force: true })
    },
  }
}
