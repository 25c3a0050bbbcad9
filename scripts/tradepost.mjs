// `npm run tradepost -- …`: the command line, from a clone where nothing is installed yet.
import { setUp } from './setup/index.mjs'

setUp()
await import('../server/bin/tradepost.mjs')
