import type { FaultOptions } from 'payu-simulator'
import { SANDBOX_POS, signatureHeader } from 'payu-simulator'
import { notifyPath } from '../server/src/contracts/payu/index.ts'
import { send } from '../test/support/shop-client.ts'
import type { Random } from './chance.ts'
import type { SimulatedServer, World } from './world.ts'

/** What happens around the shop without anybody in it doing something, and what becomes of it in a few words. */
export type Happening = (world: World, random: Random) => Promise<string>

export const AT_PAYU: Readonly<Record<string, { weight: number; does: Happening }>> = {
  'sees a buyer': { weight: 18, does: buyerActs },
  'decides and tells': { weight: 12, does: tells },
  'tells again': { weight: 2, does: tellsAgain },
  'is lied about': { weight: 1, does: isLiedAbout },
  'goes wrong': { weight: 4, does: goesWrong },
  'is well again': { weight: 2, does: isWell },
}

export const IN_TIME: Readonly<Record<string, { weight: number; does: Happening }>> = {
  moves: { weight: 5, does: (world, random) => timeGoesBy(world, random.oneOf(STRIDES_SECONDS)) },
}

export const JOBS: Readonly<Record<string, { weight: number; does: Happening }>> = {
  'do their work': { weight: 20, does: aJob },
  'have their endpoint in trouble': { weight: 1, does: endpointFails },
}

/** From what a retry takes to what a session lives: most are short, since orders lapse in an hour. */
const STRIDES_SECONDS = [
  10,
  30,
  60,
  60,
  300,
  300,
  300,
  900,
  900,
  2_400,
  3_600,
  7_200,
  86_400,
  3 * 86_400,
  8 * 86_400,
  15 * 86_400,
]

export async function timeGoesBy({ clock, payu }: World, seconds: number): Promise<string> {
  await clock.move(seconds)
  await payu.advance(seconds)
  return `${seconds} s`
}

async function buyerActs({ payu }: World, random: Random): Promise<string> {
  const open = payu.orders().filter(({ status }) => status === 'NEW' || status === 'PENDING')
  const action = random.oneOf(['pay', 'pay', 'pay', 'pay', 'fail', 'decline'] as const)
  const one = open.at(-1 - random.between(0, 3)) ?? open.at(-1)
  if (!one) return 'nobody'
  try {
    payu.act(one.orderId, action)
    return action
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return `${action}: too late`
  }
}

async function tells({ payu }: World, random: Random): Promise<string> {
  if (random.next() < 0.8) await payu.settle()
  else await payu.deliverNow()
  return 'ok'
}

/** As it was told, at any time. */
async function tellsAgain(world: World, random: Random): Promise<string> {
  const told = world.payu.orders().flatMap((it) => it.notifications.filter(({ attempts }) => attempts.length > 0))
  const one = told.at(-1 - random.between(0, 12))
  if (!one) return 'nothing to tell'
  return `${await notify(world, one.body, SANDBOX_POS.secondKey)}`
}

/** By somebody without PayU's key. */
async function isLiedAbout(world: World, random: Random): Promise<string> {
  const open = world.payu.orders().filter(({ status }) => status !== 'COMPLETED')
  const one = open.at(-1 - random.between(0, 3))
  if (!one) return 'nothing to lie about'
  const { totalAmount, currencyCode, extOrderId } = one.request
  const order = { orderId: one.orderId, extOrderId, totalAmount, currencyCode, status: 'COMPLETED' }
  const status = await notify(world, JSON.stringify({ order, properties: [] }), 'a guess')
  if (status !== 400) world.violations.push(`a forged notification was answered with ${status}`)
  return `${status}`
}

async function notify({ network }: World, body: string, key: string): Promise<number> {
  const headers = { 'content-type': 'application/json', 'openpayu-signature': signatureHeader(body, key, 'MD5') }
  return (await send(network.url, 'POST', notifyPath(SANDBOX_POS.posId), body, headers)).status
}

async function goesWrong({ payu }: World, random: Random): Promise<string> {
  const on = random.oneOf(['create', 'retrieve', 'capture', 'cancel', 'refund', 'refunds', 'any'] as const)
  const when = random.oneOf(['before', 'after'] as const)
  const times = random.oneOf([1, 1, 3, 5])
  const fault = random.oneOf<FaultOptions>([
    { kind: 'cut', on, when, times },
    { kind: 'error', on, when, httpStatus: random.oneOf([500, 503, 429]), times },
    { kind: 'slow', on, seconds: 0.05, times },
    { kind: 'silence', times },
    { kind: 'bad-signature', times },
    { kind: 'parallel', times },
    { kind: 'reorder', times },
    { kind: 'wrong-amount', times },
    { kind: 'stray-canceled', times },
    { kind: 'duplicate', copies: random.between(1, 3), times },
    { kind: 'delay', seconds: random.oneOf([60, 7_200]), times },
    {
      kind: 'refuse-refund',
      literal: random.oneOf(['TRANS_NOT_ENDED', 'NO_BALANCE', 'REFUND_DISABLED'] as const),
      times,
    },
    { kind: 'fail-refund', failure: random.oneOf(['BANK_DECLINED', 'TECHNICAL_ERROR'] as const), times },
  ])
  payu.faults.add(fault)
  return `${fault.kind}, ${times} times`
}

async function isWell({ payu }: World): Promise<string> {
  payu.faults.clear()
  return 'ok'
}

/** One of a server's, which may lose its database in the middle. */
async function aJob(world: World, random: Random): Promise<string> {
  const { jobs, words } = random.oneOf(world.servers)
  const isOften = random.next() < 0.93
  const job = random.oneOf(jobs.jobs.filter(({ seconds }) => seconds < 3_600 === isOften))
  const isCut = random.next() < 0.15 && world.terms.atOnce === 1
  if (isCut) words.arm({ at: random.between(1, 9), when: random.oneOf(['before', 'after'] as const) })
  try {
    await runJob(jobs, job)
    return `${job.name}: ok`
  } catch (error) {
    if (!isCut) throw error
    return `${job.name}: cut off`
  } finally {
    words.disarm()
  }
}

async function runJob(jobs: SimulatedServer['jobs'], job: SimulatedServer['jobs']['jobs'][number]): Promise<void> {
  await job.work()
  await jobs.settle()
}

async function endpointFails({ hooks }: World, random: Random): Promise<string> {
  let left = random.between(1, 6)
  hooks.manners = () => (left-- > 0 ? 503 : 204)
  return `${left} times`
}

/** Everything that is due, by whichever server. */
export async function doAllJobs({ servers }: World): Promise<void> {
  const { jobs } = servers[0] as SimulatedServer
  for (const job of jobs.jobs) await runJob(jobs, job)
}
