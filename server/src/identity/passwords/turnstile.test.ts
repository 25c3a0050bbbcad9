import { expect, test } from 'vitest'
import { makeTurnstile } from './turnstile.ts'

test('no more than its places are taken at once, and those who wait come in the order they came', async () => {
  const inTurn = makeTurnstile(2, 10)
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

test('work that fails gives its place back', async () => {
  const inTurn = makeTurnstile(1, 0)
  await expect(inTurn(() => Promise.reject(new Error('no luck')))).rejects.toThrow('no luck')
  expect(await inTurn(async () => 'served')).toBe('served')
})
