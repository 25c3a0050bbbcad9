import { expect, test } from 'vitest'
import { lookUpPublic, PrivateAddress } from './address.ts'

test('a name that leads to this machine is refused when it is looked up', async () => {
  const found = await new Promise((resolve) => lookUpPublic('localhost', {}, (error) => resolve(error)))
  expect(found).toBeInstanceOf(PrivateAddress)
})
