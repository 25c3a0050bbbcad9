import { closeOfBusiness, findViolations } from './books.ts'
import { actorOf, isAlone, type Step, takeStep } from './steps.ts'
import { openWorld, ordersIn, type Terms, type World } from './world.ts'

/** What came of a list of steps in a world of its own. */
export interface Played {
  /** How many steps were taken. */
  readonly steps: number
  readonly orders: number
  readonly paid: number
  readonly tally: ReadonlyMap<string, number>
  /** What came of each step. */
  readonly story: readonly string[]
  readonly failure?: Failure
}

export interface Failure {
  /** From 0; as many as there are steps: at the end of all. */
  readonly at: number
  /** What is wrong, in words. */
  readonly violations: readonly string[]
}

/** Opens a world, takes the steps in it, and looks at the books after each, and when all has come to its end. */
export async function play(terms: Terms, steps: readonly Step[]): Promise<Played> {
  const world = await openWorld(terms)
  const story: string[] = []
  let at = 0
  try {
    const violations = await untilViolated(world, steps, story, (taken) => {
      at = taken
    })
    return { ...summaryOf(world, at), story, ...(violations.length > 0 && { failure: { at, violations } }) }
  } finally {
    await world.close()
  }
}

async function untilViolated(world: World, steps: readonly Step[], story: string[], onTaken: (count: number) => void) {
  let taken = 0
  for (const batch of batchesOf(steps, world.terms.atOnce)) {
    const wrong = await takeAtOnce(world, batch, story)
    const violations = wrong.length > 0 ? [...world.violations, ...wrong] : await findViolations(world)
    if (violations.length > 0) return violations
    taken += batch.length
    onTaken(taken)
  }
  return await notThrown(() => closeOfBusiness(world))
}

/** Whatever is thrown is a violation: refusals are answers. */
async function notThrown(work: () => Promise<string[]>): Promise<string[]> {
  return await work().catch((error: Error) => [`${error.name}: ${error.stack ?? error.message}`])
}

async function takeAtOnce(world: World, batch: readonly Step[], story: string[]): Promise<string[]> {
  const actors = [...new Set(batch.map(actorOf))]
  const wrong = await Promise.all(
    actors.map((actor) =>
      notThrown(async () => {
        for (const step of batch.filter((it) => actorOf(it) === actor)) {
          story.push(`${step.does} …`)
          const at = story.length - 1
          story[at] = await takeStep(world, step)
        }
        return []
      }),
    ),
  )
  return wrong.flat()
}

function* batchesOf(steps: readonly Step[], size: number): Generator<Step[]> {
  let batch: Step[] = []
  for (const step of steps) {
    if (batch.length >= size || (batch.length > 0 && isAlone(step))) {
      yield batch
      batch = []
    }
    batch.push(step)
    if (isAlone(step)) {
      yield batch
      batch = []
    }
  }
  if (batch.length > 0) yield batch
}

function summaryOf(world: World, steps: number) {
  const orders = ordersIn(world)
  const paid = world.payu.orders().filter(({ status }) => status === 'COMPLETED').length
  return { steps, orders: orders.length, paid: paid + world.staff.confirmed.size, tally: world.tally }
}
