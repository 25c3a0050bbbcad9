import { describe, expect, test } from 'vitest'
import { decideKinds, decideUrl } from './endpoint.ts'

describe('an address', () => {
  test.each([
    ['https://erp.example/hooks?shop=1#top', 'https://erp.example/hooks?shop=1'],
    ['https://ERP.example', 'https://erp.example/'],
    ['https://8.8.8.8/', 'https://8.8.8.8/'],
  ])('%s is taken', (text, url) => expect(decideUrl(text, false)).toBe(url))

  test.each([
    'erp.example',
    'http://erp.example/',
    'ftp://erp.example/',
    'file:///etc/passwd',
    'https://user:secret@erp.example/',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://[::1]/',
    'https://[::ffff:7f00:1]/',
    'https://169.254.169.254/latest/meta-data',
    `https://erp.example/${'x'.repeat(2_000)}`,
  ])('%s is refused in production', (text) => {
    expect(() => decideUrl(text, false)).toThrow(
      expect.objectContaining({ refusal: expect.objectContaining({ code: 'webhooks.bad-url' }) }),
    )
  })

  test.each(['http://127.0.0.1:3000/hooks', 'http://erp.internal/'])('%s is taken where private addresses are', (url) =>
    expect(decideUrl(url, true)).toBe(url),
  )
})

test('kinds are asked for by name, or all of a subject', () => {
  expect(decideKinds(['order.paid', 'refund.*', 'order.paid'])).toEqual(['order.paid', 'refund.*'])
  expect(decideKinds([])).toEqual([])
  for (const kind of ['order.payed', '*', 'basket.*', '']) {
    expect(() => decideKinds([kind])).toThrow(expect.objectContaining({ refusal: expect.objectContaining({ kind }) }))
  }
})
