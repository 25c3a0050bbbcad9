// The accounts contract; `--help` tells more. No dependencies: this is all a client needs.
import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'

const HELP = `The accounts contract, from registration to an avatar, against a running shop.

  npm start                     in one terminal
  node examples/accounts.mjs    in another

BASE_URL says where the shop is (http://127.0.0.1:8000), with ACCOUNTS_PREFIX behind it if the shop has one.`

const BASE_URL = (process.env.BASE_URL ?? 'http://127.0.0.1:8000').replace(/\/+$/, '')
let jwt // once signed in

// A red square of 8 by 8 pixels; a real client sends what its user has chosen.
const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAEUlEQVQImWO4a2yMFTEMLQkAuBlQwbrN5jEAAAAASUVORK5CYII=',
  'base64',
)

try {
  const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } })
  if (values.help) console.log(HELP)
  else await walk()
} catch (error) {
  console.error(`\nIt did not work: ${error.message}`)
  process.exitCode = 1
}

async function walk() {
  // 1. Registration --------------------------------------------------------------------------------------------------

  const email = `vasya-${randomBytes(4).toString('hex')}@example.com` // a new customer every time
  const password = 'a-long-way-from-home'
  const { message } = await call('POST', '/create_user/', { email, password })
  done('1. registered', `${email}: "${message}"`)

  // 2. Authentication ------------------------------------------------------------------------------------------------

  // `login` is the e-mail or the username. The token ends by itself; when, it says in `exp`.
  jwt = (await call('POST', '/obtain_token/', { login: email, password })).token
  const { username, exp } = JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url').toString())
  done('2. signed in', `as ${username}, which was made of the e-mail, until ${new Date(exp * 1000).toISOString()}`)

  // 3. Profile -------------------------------------------------------------------------------------------------------

  const named = await call('PUT', '/update_profile/', { first_name: 'Вася', patronymic: 'Иванович' })
  done('3. is now', `${named.first_name} ${named.patronymic}`)

  // An image goes as a form, alone or with the texts.
  const form = new FormData()
  form.set('last_name', 'Петров')
  form.set('avatar', new Blob([PICTURE], { type: 'image/png' }), 'me.png')
  const pictured = await call('PUT', '/update_profile/', form)
  done('   avatar', pictured.avatar)
  const picture = await fetch(pictured.avatar)
  done('   which is', `${picture.status} ${picture.headers.get('content-type')}`)

  await call('PUT', '/update_profile/', { avatar: null })
  done('   without', JSON.stringify(await call('GET', '/get_profile/')))
}

// A client of the contract, in full -----------------------------------------------------------------------------------

/** Sends JSON or a form, and answers JSON. */
async function call(method, path, body) {
  const isForm = body instanceof FormData
  const response = await fetch(BASE_URL + path, {
    method,
    headers: {
      ...(body !== undefined && !isForm && { 'content-type': 'application/json' }), // fetch names a form itself
      ...(jwt && { authorization: `JWT ${jwt}` }),
    },
    body: isForm || body === undefined ? body : JSON.stringify(body),
  }).catch((error) => {
    const why = error.cause?.code ?? error.message
    throw new Error(`No shop answers at ${BASE_URL} (${why}). Start one with \`npm start\`, or set BASE_URL.`)
  })
  const text = await response.text()
  if (response.ok) return JSON.parse(text)
  throw new Error(`${method} ${path} answered ${response.status} ${text}\ndocs/refusals.md tells what it means.`)
}

function done(step, what) {
  console.log(`${step.padEnd(16)} ${what}`)
}
