import { expect, test } from 'vitest'
import { play } from './play.ts'
import { shrink } from './shrink.ts'
import { type Plan, simulate } from './simulate.ts'
import { drawSteps } from './steps.ts'

/** `npm run simulate` says what it wants; the short form is the same in every run. */
const SHORT: Plan = { seed: 2, steps: 150, minutes: undefined, worldSteps: 75, servers: 1, atOnce: 1 }
const plan: Plan | undefined = process.env.SIMULATION && JSON.parse(process.env.SIMULATION)

test(
  'whatever shoppers, staff, PayU, the network and time do, the books balance and nobody was told wrong',
  async () => {
    const lines: string[] = []
    const { total, failure } = await simulate(plan ?? SHORT, (line) => {
      lines.push(line)
      if (plan) process.stderr.write(`${line}\n`)
    })
    if (plan) {
      for (const [outcome, times] of [...total.tally].sort()) process.stderr.write(`  ${outcome}  ${times}\n`)
      const { worlds, steps, orders, paid } = total
      process.stderr.write(`${worlds} worlds, ${steps} steps, ${orders} orders, ${paid} payments\n`)
    }
    expect(failure === undefined, plan ? 'see above' : lines.join('\n')).toBe(true)
    if (!plan) expect([total.steps, total.orders > 0, total.paid > 0]).toEqual([150, true, true])
  },
  2 ** 31 - 1,
)

test.skipIf(plan)(
  'the same steps are the same story, with two servers as well',
  async () => {
    const terms = { servers: 2, isBlocking: false, atOnce: 1 }
    const steps = drawSteps(7, 30)
    const { story, orders } = await play(terms, steps)
    expect(await play(terms, steps)).toMatchObject({ story, orders })
    expect(drawSteps(7, 20)).toEqual(steps.slice(0, 20))
  },
  120_000,
)

test.skipIf(plan)('what fails is told by the fewest steps that still do', async () => {
  const steps = Array.from({ length: 100 }, (_, i) => i)
  const fails = async (left: readonly number[]) => [13, 14, 77].every((it) => left.includes(it))
  expect(await shrink(steps, fails, 1_000)).toEqual([13, 14, 77])
})
