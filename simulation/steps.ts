import { makeRandom, type Random } from './chance.ts'
import { SHOPPING } from './shopping.ts'
import { CLERKING } from './staff.ts'
import { AT_PAYU, IN_TIME, JOBS } from './surroundings.ts'
import type { World } from './world.ts'

/** What somebody does, as data: everything else about it is drawn from its own seed, and so is the same again. */
export interface Step {
  /** Such as `shopper orders`. */
  readonly does: string
  /** Which shopper; of no meaning to others. */
  readonly who: number
  readonly seed: number
}

interface Deed {
  readonly weight: number
  readonly does: (world: World, random: Random, who: number) => Promise<string>
}

const DEEDS: ReadonlyMap<string, Deed> = new Map([
  ...Object.entries(SHOPPING).map(([name, { weight, does }]): [string, Deed] => [
    `shopper ${name}`,
    {
      weight,
      does: async (world, random, who) => {
        const shopper = world.shoppers[who % world.shoppers.length] as World['shoppers'][number]
        return `${shopper.name}: ${await does(world, shopper, random)}`
      },
    },
  ]),
  ...Object.entries({ clerk: CLERKING, PayU: AT_PAYU, time: IN_TIME, jobs: JOBS }).flatMap(([actor, all]) =>
    Object.entries(all).map(([name, deed]): [string, Deed] => [`${actor} ${name}`, deed]),
  ),
])
/** Each as often as it weighs. */
const DRAWN = [...DEEDS].flatMap(([name, { weight }]) => Array<string>(weight).fill(name))

/** So many steps; the first ones of a longer list with the same seed. */
export function drawSteps(seed: number, count: number): Step[] {
  const random = makeRandom(seed)
  return Array.from({ length: count }, () => ({
    does: random.oneOf(DRAWN),
    who: random.between(0, 2),
    seed: random.between(0, 2 ** 32 - 1),
  }))
}

/** @returns what came of it */
export async function takeStep(world: World, { does, who, seed }: Step): Promise<string> {
  const deed = DEEDS.get(does)
  if (!deed) throw new RangeError(`nobody can do "${does}"`)
  const came = await deed.does(world, makeRandom(seed), who)
  const outcome = `${does}: ${came.replace(/^shopper\d: /, '').replace(/^.*: /, '')}`
  world.tally.set(outcome, (world.tally.get(outcome) ?? 0) + 1)
  return `${does}: ${came}`
}

/** Whose turn it is: what one of them does, they do one thing after the other. */
export const actorOf = ({ does, who }: Step) => (does.startsWith('shopper') ? `shopper ${who}` : does)

/** Moves all clocks, and so has to be alone. */
export const isAlone = ({ does }: Step) => does.startsWith('time')
