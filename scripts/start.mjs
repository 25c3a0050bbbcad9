// `npm start`: installs and builds what is missing or has changed, then is the server itself:
// in this very process, so that signals and exit codes are exact.
import { followNpm } from './setup/follow-npm.mjs'
import { setUp } from './setup/index.mjs'

setUp()
followNpm()
const { main } = await import('../server/dist/main.js')
await main()
