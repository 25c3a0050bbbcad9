#!/usr/bin/env node
// `npx payu-simulator`. In a checkout it is built first if need be; in an installed package it is built already.
import fs from 'node:fs'

const setUp = new URL('../../scripts/setup/index.mjs', import.meta.url)
if (fs.existsSync(setUp) && fs.existsSync(new URL('../src', import.meta.url))) (await import(setUp.href)).setUp()

await import('../dist/cli.js')
