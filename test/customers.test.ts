import { afterAll, beforeAll, expect, test } from 'vitest'
import { doorsOf, newPerson, OWN_WAY, WAYS } from './attacks/doors.ts'
import { tradepost } from './support/program.ts'
import { REFUSALS, refusalIn } from './support/refusal-shape.ts'
import { type ShopServer, startShopServer } from './support/shop-server.ts'

// `tradepost customers` beside a running server, as an operator uses it.

let server: ShopServer

beforeAll(async () => {
  server = await startShopServer()
})
afterAll(() => server.stop())

function run(...args: string[]) {
  const { databaseUrl = '', dataDir } = server.config
  return tradepost(['customers', ...args], { DATABASE_URL: databaseUrl, DATA_DIR: dataDir })
}
const said = (stdout: string) => ({ status: 0, stdout, stderr: '' })
const TIME = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d UTC`

test('a blocked customer is out of every contract at once, and in again once unblocked', async () => {
  const doors = Object.values(doorsOf(server))
  const anna = await newPerson(server, 'anna')
  const signInEverywhere = () => Promise.all(doors.map((door) => door.signIn(anna.username, anna.password)))
  const answers = await signInEverywhere()
  const headers = doors.map((door, i) => {
    const answer = answers[i] ?? expect.fail('as many answers as doors')
    return WAYS[OWN_WAY[door.contract]](door.tokenIn(answer) ?? '')
  })
  const readEverywhere = () => Promise.all(doors.map((door, i) => door.readProfile(headers[i] ?? {})))
  expect((await readEverywhere()).map(({ status }) => status)).toEqual([200, 200, 200])

  const name = `${anna.username} (${anna.email})`
  expect(await run('block', anna.email.toUpperCase())).toEqual(said(`${name} is blocked; 3 sessions ended.\n`))
  expect((await readEverywhere()).map(refusalIn)).toEqual(doors.map(({ contract }) => REFUSALS[contract].notSignedIn))
  expect((await signInEverywhere()).map(refusalIn)).toEqual(
    doors.map(({ contract }) => REFUSALS[contract].wrongPassword),
  )
  const again = await run('block', anna.username)
  expect([again.status, again.stdout]).toEqual([
    0,
    expect.stringMatching(new RegExp(`^${anna.username} \\(.+\\) is blocked already, since ${TIME}\\.\n$`)),
  ])

  expect(await run('unblock', anna.username)).toEqual(said(`${name} can sign in again.\n`))
  expect(await run('unblock', anna.username)).toEqual(said(`${name} is not blocked.\n`))
  expect((await signInEverywhere()).map(({ status }) => status)).toEqual([200, 200, 200])
  expect((await readEverywhere()).map(refusalIn)).toEqual(doors.map(({ contract }) => REFUSALS[contract].notSignedIn))
})

test('a customer’s account is shown', async () => {
  const { username, email } = await newPerson(server, 'berta')
  await run('block', username)
  const { status, stdout } = await run('show', email)
  expect([status, stdout.replaceAll(new RegExp(TIME, 'g'), '<time>').replace(/[0-9a-f-]{36}/, '<id>')]).toEqual([
    0,
    `Username   ${username}
E-mail     ${email}, not verified
Id         <id>
Joined     <time>
Blocked    since <time>
Signed in  0 sessions
`,
  ])
})

test('a name that nobody has is told so, with status 1', async () => {
  for (const command of ['block', 'unblock', 'show']) {
    const stderr = 'No customer has the username or the e-mail "nobody".\n'
    expect(await run(command, 'nobody')).toEqual({ status: 1, stdout: '', stderr })
  }
})
