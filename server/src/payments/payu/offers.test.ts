import { expect, test } from 'vitest'
import { makeOffers, offersOf } from './offers.ts'
import type { PayMethod } from './shapes.ts'

const list = (...values: string[]): PayMethod[] => values.map((value) => ({ value, isEnabled: true }))
const off = (value: string): PayMethod => ({ value, isEnabled: false })

test.each<[string, PayMethod[], boolean, unknown]>([
  ['all of it', list('c', 'blik', 'm'), true, [{ method: 'card' }, { method: 'payu', takesBlikCode: true }]],
  [
    'no codes by the settings',
    list('c', 'blik'),
    false,
    [{ method: 'card' }, { method: 'payu', takesBlikCode: false }],
  ],
  ['BLIK is off', [...list('c'), off('blik')], true, [{ method: 'card' }, { method: 'payu', takesBlikCode: false }]],
  ['cards are off', [off('c'), ...list('m')], true, [{ method: 'payu', takesBlikCode: false }]],
  ['everything is off', [off('c'), off('blik')], true, []],
  ['nothing is there', [], true, []],
])('%s', (_what, methods, blikCode, offers) => expect(offersOf(methods, blikCode)).toEqual(offers))

function watch() {
  const world = { now: 0, asked: 0, answer: async () => list('c'), failures: [] as unknown[] }
  const offers = makeOffers({
    blikCode: true,
    listPayMethods: () => {
      world.asked++
      return world.answer()
    },
    onFailure: (error) => world.failures.push(error),
    now: () => world.now,
  })
  return { world, offers }
}
const cards = [{ method: 'card' }, { method: 'payu', takesBlikCode: false }]
const promised = [{ method: 'card' }, { method: 'payu', takesBlikCode: true }]

test('PayU is asked once a minute, and once for all who ask at once', async () => {
  const { world, offers } = watch()
  expect(await Promise.all([offers(), offers(), offers()])).toEqual([cards, cards, cards])
  world.now = 59_999
  await offers()
  expect(world.asked).toBe(1)
  world.now = 60_000
  await offers()
  expect(world.asked).toBe(2)
})

test('while PayU is down the last known offers hold, and it is left alone for ten seconds', async () => {
  const { world, offers } = watch()
  await offers()
  world.answer = async () => {
    throw new Error('down')
  }
  world.now = 60_000
  expect(await offers()).toEqual(cards)
  world.now = 69_999
  expect(await offers()).toEqual(cards)
  expect([world.asked, world.failures.length]).toEqual([2, 1])
  world.answer = async () => list('m')
  world.now = 70_000
  expect(await offers()).toEqual([{ method: 'payu', takesBlikCode: false }])
})

test('while nothing was ever known, the settings are believed', async () => {
  const { world, offers } = watch()
  world.answer = async () => {
    throw new Error('down')
  }
  expect(await offers()).toEqual(promised)
})
