#!/usr/bin/env node
// `npx tradepost …`. In a checkout it is built first if need be; in an installed package it is built already.
import fs from 'node:fs'
import { fileURLToPath } from 'node:url'

const setUp = new URL('../../scripts/setup/index.mjs', import.meta.url)
if (fs.existsSync(setUp) && fs.existsSync(new URL('../src', import.meta.url))) (await import(setUp.href)).setUp()

// Who ends npx with SIGTERM means us.
const followNpm = new URL('../../scripts/setup/follow-npm.mjs', import.meta.url)
if (process.env.npm_lifecycle_event === 'npx' && fs.existsSync(setUp)) (await import(followNpm.href)).followNpm()

// From a subdirectory of the checkout it is still the same shop.
if (fs.existsSync(setUp)) process.env.TRADEPOST_HOME ??= fileURLToPath(new URL('../..', import.meta.url))

await import('../dist/cli/index.js')
