// `npm start`: installs and builds what is missing or has changed, then is `tradepost start` itself, with whatever stands
// behind `--`: in this very process, so that signals and exit codes are exact.
import { followNpm } from './setup/follow-npm.mjs'
import { setUp } from './setup/index.mjs'

setUp()
followNpm()
process.argv.splice(2, 0, 'start')
await import('../server/dist/cli/index.js')
