import { describe, expect, test } from 'vitest'
import { signature, signatureHeader, wrongSignatureHeader } from './signature.ts'

// Vectors: PayU's PHP SDK tests, and a body with letters that are more than one byte.
const BODY =
  '{"order":{"orderId":"TEST0000000000GUEST000P01","extOrderId":"A-1","totalAmount":"1999","currencyCode":"PLN","description":"Zażółć","status":"COMPLETED"}}'
const KEY = 'b6ca15b0d1020e8094d9b5f8d163db54'

describe('the signature', () => {
  test('is the one of the PHP SDK', () => {
    expect(signature('OpenPayUData', 'SignatureKey', 'MD5')).toBe('8375034eb737d520c829fad4026a38aa')
    const sha256 = '8b2fd55b48f150347df56ce18d787335f32ced1d67f214016476f7c0a8f09981'
    expect(signature('OpenPayUData', 'SignatureKey', 'SHA-256')).toBe(sha256)
    expect(signature('OpenPayUData', 'SignatureKey', 'SHA256')).toBe(sha256)
    expect(signature('OpenPayUData', 'SignatureKey', 'SHA')).toBe(sha256)
  })

  test('is over bytes, not letters', () => {
    expect(Buffer.byteLength(BODY)).toBe(158)
    expect(signature(BODY, KEY, 'MD5')).toBe('876931a3e59834b91c41058007085743')
    expect(signature(Buffer.from(BODY), KEY, 'SHA-256')).toBe(
      '9943f445db5bb031ff1ca94b7dd631f525777134e63980110e9a39788580bf2e',
    )
  })

  test('stands in a header with its algorithm', () => {
    expect(signatureHeader('OpenPayUData', 'SignatureKey', 'MD5')).toBe(
      'sender=checkout;signature=8375034eb737d520c829fad4026a38aa;algorithm=MD5;content=DOCUMENT',
    )
    expect(wrongSignatureHeader('OpenPayUData', 'SignatureKey', 'MD5')).toBe(
      'sender=checkout;signature=0375034eb737d520c829fad4026a38aa;algorithm=MD5;content=DOCUMENT',
    )
  })
})
