import { describe, expect, test } from 'vitest'
import { type Answered, read, startWithShop } from '../testing/shop.ts'

/** A buyer with a browser that shows pages and sends forms, and nothing more. */
async function atPayPage(changes: Record<string, unknown> = {}, options = {}) {
  const { payu, shop } = await startWithShop(options)
  const { redirectUri, orderId } = (await shop.create(changes)).body
  const keys = Object.fromEntries(new URL(redirectUri).searchParams)
  const send = async (fields: Record<string, string>): Promise<Answered> =>
    read(
      await fetch(redirectUri, {
        method: 'POST',
        redirect: 'manual',
        body: new URLSearchParams({ ...keys, ...fields }),
      }),
    )
  const see = async (query = '') => read(await fetch(redirectUri + query))
  return { payu, shop, orderId, redirectUri, send, see, status: () => payu.order(orderId).status }
}

const title = ({ text }: Answered) => /<h1>(.*?)<\/h1>/.exec(text)?.[1]
const where = ({ status, headers }: Answered) => [status, headers.get('location')]

describe('the pay page', () => {
  test('lets the buyer choose, and shows the order', async () => {
    const { see } = await atPayPage({ visibleDescription: 'Your <b>lamp</b>' })
    const page = await see()
    expect(title(page)).toBe('How would you like to pay?')
    expect(page.text).toContain('129.99 PLN')
    expect(page.text).toContain('Your &lt;b&gt;lamp&lt;/b&gt;')
    expect(page.text).toContain('<button name="method" value="blik">BLIK</button>')
    expect(page.text).not.toContain('value="ppf"')
    expect(page.text).not.toContain('Another method')
    const card = await see('&method=c')
    expect(title(card)).toBe('Card')
    expect(card.text).toContain('Another method')
    expect(title(await see('&method=blik'))).toBe('BLIK')
    expect(title(await see('&method=m'))).toBe('mTransfer')
    expect(title(await see('&method=ppf'))).toBe('How would you like to pay?')
  })

  test('has no script, nothing from elsewhere, and keeps its address to itself', async () => {
    const { see } = await atPayPage()
    const { headers, text } = await see()
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; img-src 'self'; form-action 'self' http: https:; frame-ancestors 'none'; base-uri 'none'$/,
    )
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(text).not.toMatch(/<script|<link|<img|src=|style="|\son\w+=/i)
    expect(text).toContain('No money moves here')
  })

  test('opens for its token only', async () => {
    const { see, send, status, redirectUri, orderId } = await atPayPage()
    for (const query of [
      `orderId=${orderId}`,
      `orderId=${orderId}&token=x`,
      'orderId=X&token=x',
      '',
      'token=a&token=b',
    ]) {
      const page = await fetch(`${redirectUri.split('?')[0]}?${query}`)
      expect(page.status).toBe(404)
    }
    expect((await see()).status).toBe(200)
    expect((await send({ token: 'x', action: 'pay', method: 'm' })).status).toBe(404)
    expect(status()).toBe('NEW')
  })

  test('goes back to the shop when it is paid', async () => {
    const { send, status, shop, payu, see } = await atPayPage()
    expect(where(await send({ action: 'pay', method: 'm' }))).toEqual([303, `${shop.url}/return?order=1`])
    expect(status()).toBe('COMPLETED')
    await payu.settle()
    expect(shop.told).toEqual(['PENDING', 'COMPLETED'])
    const after = await see()
    expect(title(after)).toBe('Paid')
    expect(after.text).toContain(`href="${shop.url}/return?order=1"`)
    expect(where(await send({ action: 'decline' }))).toEqual([303, `${shop.url}/return?order=1`])
    expect(status()).toBe('COMPLETED')
  })

  test('goes back with an error when it is declined or left', async () => {
    const left = await atPayPage()
    expect(where(await left.send({ action: 'abandon' }))).toEqual([303, `${left.shop.url}/return?order=1&error=501`])
    expect(left.status()).toBe('NEW')
    const declined = await atPayPage({ continueUrl: 'https://shop.test/r#top' })
    expect(where(await declined.send({ action: 'decline' }))).toEqual([303, 'https://shop.test/r?error=501#top'])
    expect(declined.status()).toBe('CANCELED')
    expect(title(await declined.see())).toBe('Canceled: you have not been charged')
  })

  test('shows how it ended when there is no way back', async () => {
    const { send, see, payu, redirectUri } = await atPayPage({ continueUrl: undefined })
    const { orderId, token } = Object.fromEntries(new URL(redirectUri).searchParams)
    const paid = await send({ action: 'pay', method: 't' })
    expect(where(paid)).toEqual([303, `?orderId=${orderId}&token=${token}`])
    expect((await see()).text).toContain('You can close this page.')
    expect(payu.orders()[0]?.status).toBe('COMPLETED')
  })

  test.each([
    ['4444333322221111', 'COMPLETED', '000'],
    ['5434021016824014', 'COMPLETED', '000'],
    ['5000105018126595', 'PENDING', 'S05'],
    ['5100052384536826', 'COMPLETED', '000'],
    ['5521455186577727', 'PENDING', '114'],
    ['4532598021104999', 'PENDING', 'S51'],
  ])('the card %s: %s', async (number, end, resultCode) => {
    const { send, status, payu, orderId } = await atPayPage()
    const answered = await send({ action: 'pay', method: 'c', number, expiry: '12/29', cvv: '123' })
    expect(answered.status).toBe(end === 'COMPLETED' ? 303 : 400)
    expect(status()).toBe(end)
    expect(payu.order(orderId).transactions).toMatchObject([{ method: 'c', cardNumber: number, resultCode }])
  })

  test('cards that depend: on the amount, and on chance', async () => {
    const cheap = await atPayPage({ totalAmount: '999' })
    await cheap.send({ action: 'pay', method: 'c', number: '4532598021104999' })
    expect(cheap.status()).toBe('COMPLETED')
    for (const [chance, end] of [
      [0.49, 'COMPLETED'],
      [0.5, 'PENDING'],
    ] as const) {
      const lucky = await atPayPage({}, { random: () => chance })
      await lucky.send({ action: 'pay', method: 'c', number: '5405860937270285' })
      expect(lucky.status()).toBe(end)
    }
  })

  test('a refused card can be followed by another one', async () => {
    const { send, status, payu, orderId } = await atPayPage()
    const refused = await send({ action: 'pay', method: 'c', number: '5000 1050 1812 6595', cvv: '123' })
    expect(refused.text).toContain('The payment was refused. You can try again, or go back to the shop.')
    expect(title(refused)).toBe('Card')
    await send({ action: 'pay', method: 'blik', code: '777123' })
    expect(status()).toBe('COMPLETED')
    expect(payu.order(orderId).transactions.map(({ method, resultCode }) => [method, resultCode])).toEqual([
      ['c', 'S05'],
      ['blik', '000'],
    ])
    await payu.settle()
    expect(payu.order(orderId).notifications.map(({ status }) => status)).toEqual(['PENDING', 'COMPLETED'])
  })

  test.each([
    ['confirm', 303, 'COMPLETED', '000'],
    ['refuse', 400, 'PENDING', '114'],
  ])('3-D Secure asks, and the buyer can %s', async (action, httpStatus, end, resultCode) => {
    const { send, see, status, payu, orderId } = await atPayPage()
    const asked = await send({ action: 'pay', method: 'c', number: '4245757666349685', cvv: '123' })
    expect([asked.status, title(asked)]).toEqual([200, 'Your bank asks: is it you?'])
    expect(status()).toBe('PENDING')
    expect(title(await see())).toBe('Your bank asks: is it you?')
    expect((await send({ action })).status).toBe(httpStatus)
    expect(status()).toBe(end)
    expect(payu.order(orderId).transactions.at(-1)?.resultCode).toBe(resultCode)
  })

  test('no answer is taken to a question nobody asked', async () => {
    const { send, status } = await atPayPage()
    for (const action of ['confirm', 'cvv', 'steal', '']) expect((await send({ action })).status).toBe(400)
    expect(status()).toBe('NEW')
  })

  test.each([
    [{ method: 'c', number: '4111111111111111', cvv: '123' }, 'Use one of the test cards'],
    [{ method: 'c', number: '4444333322221111', cvv: '12' }, 'The CVV has three digits.'],
    [{ method: 'blik', code: '12345' }, 'A BLIK code has six digits.'],
    [{ method: 'ppf' }, 'This method is not offered.'],
    [{}, 'This method is not offered.'],
  ])('%j is put right before anything happens', async (fields, words) => {
    const { send, status } = await atPayPage()
    const answered = await send({ action: 'pay', ...(fields as Record<string, string>) })
    expect(answered.status).toBe(400)
    expect(answered.text).toContain(words)
    expect(status()).toBe('NEW')
  })

  test.each([
    ['700701', 'S54'],
    ['500500', 'S05'],
  ])('the BLIK code %s is refused, and another one may follow', async (code, resultCode) => {
    const { send, status, payu, orderId } = await atPayPage()
    expect(title(await send({ action: 'pay', method: 'blik', code }))).toBe('BLIK')
    expect(payu.order(orderId).transactions).toMatchObject([{ resultCode }])
    await send({ action: 'pay', method: 'blik', code: '777000' })
    expect(status()).toBe('COMPLETED')
  })

  test('keeps to the method that the shop has chosen', async () => {
    const { see, send, payu, orderId } = await atPayPage({ payMethods: { payMethod: { type: 'PBL', value: 'blik' } } })
    expect(title(await see('&method=c'))).toBe('BLIK')
    expect((await see()).text).not.toContain('Another method')
    await send({ action: 'pay', method: 'm', code: '777123' })
    expect(payu.order(orderId).transactions.map(({ method }) => method)).toEqual(['blik'])
  })

  test('asks for the CVV of a stored card, and then 3-D Secure if its bank does', async () => {
    const stored = (token: string) => ({ payMethods: { payMethod: { type: 'CARD_TOKEN', value: token } } })
    const plain = await atPayPage(stored('TOKC_4444333322221111_CVV'))
    expect(title(await plain.see())).toBe("Your card's CVV")
    const wrong = await plain.send({ action: 'cvv', cvv: '1', step: 'redirect-cvv' })
    expect([wrong.status, title(wrong)]).toEqual([400, "Your card's CVV"])
    expect((await plain.send({ action: 'cvv', cvv: '123', step: 'redirect-cvv' })).status).toBe(303)
    expect(plain.status()).toBe('COMPLETED')
    const asking = await atPayPage(stored('TOKC_4245757666349685_CVV'))
    const asked = await asking.send({ action: 'cvv', cvv: '123', step: 'redirect-cvv' })
    expect(title(asked)).toBe('Your bank asks: is it you?')
    expect((await asking.send({ action: 'confirm' })).status).toBe(303)
    expect(asking.status()).toBe('COMPLETED')
  })
})
