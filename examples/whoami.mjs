// The whoami contract; `--help` tells more. No dependencies: this is all a client needs.
import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'

const HELP = `The whoami contract, from signing in to a changed password, against a running shop.

  npm start                   in one terminal
  node examples/whoami.mjs    in another

BASE_URL says where the shop is (http://127.0.0.1:8000).`

const BASE_URL = (process.env.BASE_URL ?? 'http://127.0.0.1:8000').replace(/\/+$/, '')
let accessToken // once signed in
let anonymousCookie // until then, as a browser would keep it

try {
  const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } })
  if (values.help) console.log(HELP)
  else await walk()
} catch (error) {
  console.error(`\nIt did not work: ${error.message}`)
  process.exitCode = 1
}

async function walk() {
  const username = `leia-${randomBytes(4).toString('hex')}` // a new customer every time
  const password = 'somehow-i-have-always-known'

  // 1. A customer ----------------------------------------------------------------------------------------------------

  // This contract has no registration: customers of all contracts are the same, so any of them will do.
  await call('POST', '/api/register', { username, password, first_name: 'Leia', email: `${username}@alderaan.example` })
  done('1. registered', `${username}, through the shop contract`)

  // 2. Sign in -------------------------------------------------------------------------------------------------------

  const login = await change('POST', '/api/v1/auth/login', { username, password })
  accessToken = login.token
  done('2. signed in', 'the access token is good for 24 hours after its last use')

  // 3. Profile -------------------------------------------------------------------------------------------------------

  const profile = await call('GET', '/api/v1/whoami')
  done('3. is', `${profile.first_name}, ${profile.email}, here since ${profile.first_join}`)
  const changed = await change('PATCH', '/api/v1/whoami', { last_name: 'Organa', telephone_number: '+48 600 100 200' })
  done('   is now', `${changed.first_name} ${changed.last_name}, ${changed.telephone_number}`)

  // 4. Password ------------------------------------------------------------------------------------------------------

  const renewed = 'help-me-you-are-my-only-hope'
  await change('POST', '/api/v1/whoami/change-password', {
    password,
    new_password: renewed,
    new_password_again: renewed,
  })
  done('4. changed', 'the password; this access token goes on, all others have ended')

  // 5. Sign out ------------------------------------------------------------------------------------------------------

  await call('GET', '/api/v1/auth/revoke')
  done('5. signed out', 'the access token is worth nothing now')
}

// A client of the contract, in full -----------------------------------------------------------------------------------

/** Every change needs a CSRF ticket of whoever sends it. One is good for ten minutes; this asks for a new one each time. */
async function change(method, path, body) {
  const ticket = await call('GET', '/api/v1/csrf')
  return call(method, path, body, { 'x-csrf-token': ticket.token })
}

/** Sends JSON, and answers JSON. */
async function call(method, path, body, headers = {}) {
  const response = await fetch(BASE_URL + path, {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(accessToken ? { 'x-access-token': accessToken } : anonymousCookie && { cookie: anonymousCookie }),
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  }).catch((error) => {
    const why = error.cause?.code ?? error.message
    throw new Error(`No shop answers at ${BASE_URL} (${why}). Start one with \`npm start\`, or set BASE_URL.`)
  })
  const given = response.headers.getSetCookie().find((cookie) => cookie.startsWith('anonymousid='))
  if (given) anonymousCookie = given.split(';', 1)[0]
  const text = await response.text()
  if (response.ok) return JSON.parse(text)
  throw new Error(`${method} ${path} answered ${response.status} ${text}\ndocs/refusals.md tells what it means.`)
}

function done(step, what) {
  console.log(`${step.padEnd(16)} ${what}`)
}
