import { expect, test } from 'vitest'
import { isLoopback, isPublicAddress, undressed } from './ip-address.ts'

test.each([
  ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '127.255.255.254', '169.254.169.254', '172.16.0.1'],
  ...['172.31.255.255', '192.0.0.8', '192.168.0.1', '198.18.0.1', '203.0.113.7', '224.0.0.1', '255.255.255.255'],
  ...[
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::7f00:1',
    'fc00::1',
    'fd12::1',
    'fe80::1',
    'fe80::1%eth0',
  ],
  ...['ff02::1', '2001::1', '2001:db8::1', '2002:7f00:1::', '3fff::1', '5f00::1'],
  ...['', 'localhost', '127.1', '0x7f.1'],
])('%s is not for everybody', (address) => expect(isPublicAddress(address)).toBe(false))

test.each([
  ...[
    '1.1.1.1',
    '8.8.8.8',
    '100.63.255.255',
    '100.128.0.1',
    '172.15.0.1',
    '172.32.0.1',
    '192.167.1.1',
    '223.255.255.254',
  ],
  ...['2606:4700:4700::1111', '2a00:1450:4001::1', '2001:4860:4860::8888'],
])('%s can be anybody', (address) => expect(isPublicAddress(address)).toBe(true))

test.each([
  ['127.0.0.1', true],
  ['127.8.8.8', true],
  ['0000:0000:0000:0000:0000:0000:0000:0001', true],
  ['128.0.0.1', false],
  ['2001:0db8:0000:0000:0000:0000:0000:0001', false],
])('%s is this machine: %s', (address, is) => expect(isLoopback(address)).toBe(is))

test.each(['', 'localhost', '[::1]', '127.1'])('%s is no address', (text) => expect(isLoopback(text)).toBe(false))

test.each([
  ['::ffff:8.8.8.8', '8.8.8.8'],
  ['::FFFF:127.0.0.1', '127.0.0.1'],
  ['8.8.8.8', '8.8.8.8'],
  ['::ffff:0:808:808', '::ffff:0:808:808'],
  ['2606:4700:4700::1111', '2606:4700:4700::1111'],
])('%s is %s', (address, undressedOne) => expect(undressed(address)).toBe(undressedOne))
