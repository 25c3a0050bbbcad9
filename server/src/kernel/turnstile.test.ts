import { expect, test } from 'vitest'
import { makeTurnstile } from './turnstile.ts'

const busy = () => new Error('busy')

test('no more than its places are taken at once, and those who wait come in the order they came', async () => {
  const inTurn = makeTurnstile({ places: 2, queueMax: 10, busy })
  let inside = 0
  let most = 0
  const order: number[] = []
  const works = [0, 1, 2, 3, 4, 5].map((index) =>
    inTurn(async () => {
      inside += 1
      most = Math.max(most, inside)
      order.push(index)
      await new Promise(setImmediate)
      inside -= 1
    }),
  )
  await Promise.all(works)
  expect(most).toBe(2)
  expect(order).toEqual([0, 1, 2, 3, 4, 5])
})

test('who comes to a full queue is sent away at once', async () => {
  const inTurn = makeTurnstile({ places: 1, queueMax: 1, busy })
  const answers = await Promise.allSettled([1, 2, 3].map((work) => inTurn(async () => work)))
  expect(answers).toEqual([
    { status: 'fulfilled', value: 1 },
    { status: 'fulfilled', value: 2 },
    { status: 'rejected', reason: busy() },
  ])
})

test('work that fails gives its place back', async () => {
  const inTurn = makeTurnstile({ places: 1, queueMax: 0, busy })
  await expect(inTurn(() => Promise.reject(new Error('no luck')))).rejects.toThrow('no luck')
  expect(await inTurn(async () => 'served')).toBe('served')
})
