import { expect, test } from 'vitest'
import { emailChangedLetter, passwordChangedLetter, resetLetter, verificationLetter } from './letters.ts'

const LETTERHEAD = { shopName: 'Namiot & <Szlak>', publicUrl: 'https://shop.example' }
const CONTENTS = { to: 'anna@example.com', token: 'a-_Z', expiresAt: new Date('2026-11-20T13:04:59.999Z') }

test('a letter says until when its link works, and has the token for apps', () => {
  expect(resetLetter(LETTERHEAD, CONTENTS)).toMatchObject({
    kind: 'reset-password',
    to: 'anna@example.com',
    subject: 'Namiot & <Szlak>: choose a new password',
    text: `Hello,

Somebody, hopefully you, asked for a new password for your account at Namiot & <Szlak>. Choose one here:

https://shop.example/reset-password?token=a-_Z

The link works once, until 2026-11-20 13:04 UTC, and signs you out everywhere. If it was not you, there is nothing you have to do: your password stays as it is.

An app may ask for the code alone:
a-_Z

Namiot & <Szlak>
`,
  })
  expect(verificationLetter(LETTERHEAD, { ...CONTENTS, isChange: false }).text).toContain(
    '\nhttps://shop.example/verify-email?token=a-_Z\n',
  )
})

test('what is no markup in the text is none in the HTML', () => {
  for (const { html = '' } of [
    resetLetter(LETTERHEAD, CONTENTS),
    verificationLetter(LETTERHEAD, { ...CONTENTS, isChange: false }),
  ]) {
    expect(html).toContain('<p>Namiot &amp; &lt;Szlak&gt;</p>')
    expect(html).not.toContain('<Szlak>')
    expect(html).toMatch(/<a href="https:\/\/shop\.example\/[a-z-]+\?token=a-_Z">/)
  }
})

test('a letter with a token is of no use when that has expired', () => {
  expect(resetLetter(LETTERHEAD, CONTENTS).sendBefore).toEqual(CONTENTS.expiresAt)
  expect(verificationLetter(LETTERHEAD, { ...CONTENTS, isChange: true }).sendBefore).toEqual(CONTENTS.expiresAt)
})

test('an address that takes the place of another is told that the password will be asked for', () => {
  const sentence = ' You will be asked for your password. '
  expect(verificationLetter(LETTERHEAD, { ...CONTENTS, isChange: true }).text).toContain(sentence)
  expect(verificationLetter(LETTERHEAD, { ...CONTENTS, isChange: false }).text).not.toContain(sentence)
})

test('a notice says what to do if it was somebody else, and has no token and no code', () => {
  for (const write of [emailChangedLetter, passwordChangedLetter]) {
    const { to, text, sendBefore, html = '' } = write(LETTERHEAD, 'anna@example.com')
    expect([to, sendBefore]).toEqual(['anna@example.com', undefined])
    expect(text).toContain('\nhttps://shop.example/forgot-password\n')
    for (const body of [text, html]) expect(body).not.toMatch(/token|code/)
  }
})
