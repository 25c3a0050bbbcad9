import type { Callers } from './callers.ts'
import type { Person } from './people.ts'
import { WAYS } from './wishes.ts'

/** After so many steps sessions, and tickets that are good for ten minutes, are looked after. */
export const ALONE_MAX = 250
const KINDS = ['session', 'access', 'jwt'] as const

/** Signs them in by every contract; who cannot come in any more is somebody new from then on. */
export async function lookAfter(callers: Callers, who: number): Promise<void> {
  if (callers.people.at(who).stepsAlone < ALONE_MAX || (await isWell(callers, who))) return
  for (const _ of [1, 2]) {
    let person = callers.people.at(who)
    for (const back of [0, 1, 2]) if (await signIn(callers, who, person, back)) return
    person = callers.people.replace(who)
    const me = { username: person.name, email: `${person.name}@fuzz.example`, password: `${person.name}-likes-tents` }
    for (const [kind, value] of Object.entries(me)) callers.people.give(person, kind, value)
    await callers.send(who, 'POST', '/api/register', { ...me, first_name: person.name })
  }
  throw new Error('nobody can sign in any more')
}

/** Whether every session of theirs is good; tickets are new then. */
async function isWell(callers: Callers, who: number): Promise<boolean> {
  const person = callers.people.at(who)
  for (const kind of KINDS) {
    const answer = await callers.send(who, 'GET', '/api/profile', undefined, WAYS[kind].slice(0, 1))
    if (answer?.status !== 200) return false
    await fetchTicket(callers, who, person, kind)
  }
  person.stepsAlone = 0
  return true
}

async function signIn(callers: Callers, who: number, person: Person, back: number): Promise<boolean> {
  const [username, password] = [person.get('username'), person.get('password', back)]
  if (username === undefined || password === undefined) return false
  for (const kind of KINDS) {
    const former = person.get(kind)
    if (former) person.give('former', former)
  }
  const login = await callers.send(who, 'POST', '/api/login', { username, password })
  if (login?.status !== 200) return false
  callers.people.give(person, 'customer_uuid', login.body.user)
  for (const [name, kind] of [
    ['sessionid', 'session'],
    ['csrftoken', 'csrf'],
  ] as const) {
    const cookie = [login.headers['set-cookie'] ?? []].flat().find((each) => each.startsWith(`${name}=`))
    person.give(kind, /=([^;]*)/.exec(cookie ?? '')?.[1] ?? '')
  }
  await fetchTicket(callers, who, person, 'session')
  const ticket = WAYS.session
  const access = await callers.send(who, 'POST', '/api/v1/auth/login', { username, password }, ticket)
  person.give('access', access?.body?.token ?? '')
  const jwt = await callers.send(who, 'POST', '/obtain_token/', { login: username, password })
  person.give('jwt', jwt?.body?.token ?? '')
  for (const kind of KINDS) await fetchTicket(callers, who, person, kind)
  for (const path of ['/api/profile', '/api/sessions', '/api/bucket', '/api/orders']) {
    const answer = await callers.send(who, 'GET', path, undefined, WAYS.session)
    if (answer) callers.people.learn(person, answer, path === '/api/profile')
  }
  person.stepsAlone = 0
  return true
}

async function fetchTicket(callers: Callers, who: number, person: Person, kind: (typeof KINDS)[number]): Promise<void> {
  const answer = await callers.send(who, 'GET', '/api/v1/csrf', undefined, WAYS[kind].slice(0, 1))
  person.give(`${kind}-ticket`, answer?.body?.token ?? '')
}
