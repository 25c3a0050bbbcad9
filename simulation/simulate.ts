import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type Failure, type Played, play } from './play.ts'
import { shrink } from './shrink.ts'
import { drawSteps, type Step } from './steps.ts'
import type { Terms } from './world.ts'

/** What is asked for. */
export interface Plan {
  readonly seed: number
  /** In all; undefined: until the time is over. */
  readonly steps: number | undefined
  readonly minutes: number | undefined
  /** Steps in one world: then comes the next one, with the next seed. */
  readonly worldSteps: number
  readonly servers: number
  readonly atOnce: number
  /** A file of steps, to be taken instead of drawn ones. */
  readonly replay?: string | undefined
}

/** Steps that fail, as a file keeps them. */
interface Kept {
  readonly terms: Terms
  readonly violations: readonly string[]
  readonly steps: readonly Step[]
}

export interface Total {
  worlds: number
  steps: number
  orders: number
  paid: number
  readonly tally: Map<string, number>
}

const SHRINK_TRIES_MAX = 300

/**
 * World after world, until the steps or the time are over, or something is wrong: then what is wrong, how to see it again,
 * and the shortest list of steps that was found to do it, which is written to a file.
 *
 * @param say told everything worth reading
 * @returns the failure, if there is one
 */
export async function simulate(plan: Plan, say: (line: string) => void): Promise<{ total: Total; failure?: Failure }> {
  if (plan.replay !== undefined) return replay(plan.replay, say)
  const total: Total = { worlds: 0, steps: 0, orders: 0, paid: 0, tally: new Map() }
  const end = plan.minutes === undefined ? Number.POSITIVE_INFINITY : performance.now() + plan.minutes * 60_000
  say(`seed ${plan.seed}, ${plan.servers} ${plan.servers === 1 ? 'server' : 'servers'}${atOnceOf(plan)}`)
  for (
    let seed = plan.seed;
    total.steps < (plan.steps ?? Number.POSITIVE_INFINITY) && performance.now() < end;
    seed++
  ) {
    // Every third world is one in which PayU only blocks the money.
    const terms: Terms = { servers: plan.servers, isBlocking: seed % 3 === 0, atOnce: plan.atOnce }
    const count = Math.min(plan.worldSteps, (plan.steps ?? Number.POSITIVE_INFINITY) - total.steps)
    const steps = drawSteps(seed, count)
    const played = await play(terms, steps)
    add(total, played)
    if (played.failure) {
      say(`world ${seed} FAILED`)
      return { total, failure: await explain(seed, terms, steps, played.failure, say) }
    }
    say(`world ${seed}: well; ${total.steps} steps, ${total.orders} orders, ${total.paid} payments in all`)
  }
  return { total }
}

const atOnceOf = ({ atOnce }: Plan) => (atOnce > 1 ? `, ${atOnce} steps at once` : '')

function add(total: Total, { steps, orders, paid, tally }: Played): void {
  total.worlds++
  total.steps += steps
  total.orders += orders
  total.paid += paid
  for (const [outcome, times] of tally) total.tally.set(outcome, (total.tally.get(outcome) ?? 0) + times)
}

async function explain(
  seed: number,
  terms: Terms,
  steps: readonly Step[],
  failure: Failure,
  say: (line: string) => void,
): Promise<Failure> {
  const failing = steps.slice(0, failure.at + terms.atOnce)
  const isAtTheEnd = failure.at >= steps.length
  say(isAtTheEnd ? 'When all had come to its end:' : `Step ${failure.at + 1}, ${failing.at(-1)?.does}:`)
  for (const violation of failure.violations) say(`  ${violation}`)
  const more = [terms.servers > 1 && `--servers ${terms.servers}`, terms.atOnce > 1 && `--at-once ${terms.atOnce}`]
  const asked = [`--seed ${seed}`, `--steps ${failing.length}`, `--world ${failing.length}`, ...more.filter(Boolean)]
  say(`Again: npm run simulate -- ${asked.join(' ')}`)
  say(`Looking for fewer steps than ${failing.length} …`)

  const kinds = new Set(failure.violations.map(kindOf))
  let shortest: { story: readonly string[]; failure: Failure } | undefined
  const left = await shrink(
    failing,
    async (fewer) => {
      const { failure: again, story } = await play(terms, fewer)
      const isSame = again?.violations.some((it) => kinds.has(kindOf(it))) ?? false
      if (again && isSame) {
        shortest = { failure: again, story }
        say(`  ${fewer.length} do it, too`)
      }
      return isSame
    },
    SHRINK_TRIES_MAX,
  )
  const file = resolve(`var/simulation-${seed}.json`)
  const { violations } = shortest?.failure ?? failure
  const kept: Kept = { terms, violations, steps: left }
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(kept, null, 1)}\n`)
  say(shortest ? `${left.length} steps are enough:` : 'It is not there every time.')
  if (shortest) tell(shortest.story, violations, say)
  say(`Again: npm run simulate -- --replay ${file}`)
  return failure
}

function tell(story: readonly string[], violations: readonly string[], say: (line: string) => void): void {
  story.forEach((line, i) => {
    say(`  ${i + 1}. ${line}`)
  })
  for (const violation of violations) say(`  → ${violation}`)
}

/** What is wrong, whichever order it is about. */
const kindOf = (violation: string) =>
  violation
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '…')
    .replaceAll(/\d+/g, '#')
    .slice(0, 120)

async function replay(file: string, say: (line: string) => void): Promise<{ total: Total; failure?: Failure }> {
  const { terms, steps } = JSON.parse(readFileSync(file, 'utf8')) as Kept
  const played = await play(terms, steps)
  const total: Total = { worlds: 0, steps: 0, orders: 0, paid: 0, tally: new Map() }
  add(total, played)
  say(played.failure ? 'FAILED' : 'well')
  if (played.failure) tell(played.story, played.failure.violations, say)
  return { total, ...(played.failure && { failure: played.failure }) }
}
