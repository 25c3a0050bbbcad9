// `npm run build`
import { setUp } from './setup/index.mjs'

setUp()
