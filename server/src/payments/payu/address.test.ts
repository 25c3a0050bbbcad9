import { isIP } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { payuAddress } from './address.ts'

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['127.0.0.1', '127.0.0.1'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['::FFFF:cb00:7107', '203.0.113.7'],
  ['2001:db8::7', '2001:0db8:0000:0000:0000:0000:0000:0007'],
  ['2001:DB8:1:2:3:4:5:6', '2001:0db8:0001:0002:0003:0004:0005:0006'],
  ['::1', '0000:0000:0000:0000:0000:0000:0000:0001'],
  ['fe80::1%eth0', 'fe80:0000:0000:0000:0000:0000:0000:0001'],
  ['64:ff9b::192.0.2.33', '0064:ff9b:0000:0000:0000:0000:c000:0221'],
])('%s is told as %s', (text, told) => expect(payuAddress(text)).toBe(told))

test.each(['0.0.0.0', '::', '::ffff:0.0.0.0', '', 'unknown', '203.0.113', '203.0.113.7, 10.0.0.1'])(
  '%j is nobody',
  (text) => expect(payuAddress(text)).toBeUndefined(),
)

test('every IPv6 address comes out in full, and is the same one', () => {
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      const told = payuAddress(text)
      if (told === undefined || isIP(told) === 4) return
      expect(told).toMatch(/^[0-9a-f]{4}(:[0-9a-f]{4}){7}$/)
      expect(new URL(`http://[${told}]`).host).toBe(new URL(`http://[${text}]`).host)
    }),
  )
})
