import './node-version.mjs'
import { ensureBuilt } from './build.mjs'
import { ensureInstalled } from './install.mjs'

/** Makes a fresh clone ready to run; takes a moment when it is ready already. */
export function setUp() {
  ensureInstalled()
  ensureBuilt()
}
