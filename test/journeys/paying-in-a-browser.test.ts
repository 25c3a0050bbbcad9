import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { NO_BROWSER, openBrowser } from '../../payu-simulator/src/testing/browser.ts'
import { findBreaches } from '../support/books.ts'
import { type PayingShop, startPayingShop } from '../support/paying.ts'

// The buyer's way with a real browser: to PayU's page, and back to the shop's, which looks again by itself.

const PHONE = { width: 360, height: 740 }
const DESKTOP = { width: 1280, height: 800 }

let shop: PayingShop
let context: BrowserContext
let close: () => Promise<void>
beforeAll(async () => {
  shop = await startPayingShop()
  if (NO_BROWSER) return
  ;({ context, close } = await openBrowser())
  const { hostname } = new URL(shop.server.baseUrl)
  const cookies = [...shop.anna.cookies].map(([name, value]) => ({ name, value, domain: hostname, path: '/' }))
  await context.addCookies(cookies)
})
afterAll(async () => {
  await close?.()
  expect(await findBreaches(shop.server.db)).toEqual([])
  await shop.stop()
})

async function sentToPay(method: string, viewport = DESKTOP): Promise<{ id: string; page: Page; problems: string[] }> {
  const id = await shop.placed()
  const { redirect_uri: address } = (await shop.choose(id, method)).body
  const page = await context.newPage()
  onTestFinished(() => page.close())
  const problems: string[] = []
  page.on('console', (message) => {
    const isOfPage = !message.location().url.endsWith('/favicon.ico')
    if (message.type() === 'error' && isOfPage) problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(error.message))
  await page.setViewportSize(viewport)
  await page.goto(address)
  return { id, page, problems }
}
const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first().click()
const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true }).waitFor()
const overflow = (page: Page) => page.evaluate('document.documentElement.scrollWidth - window.innerWidth')

describe('in a browser', () => {
  beforeEach(({ skip }) => skip(NO_BROWSER !== undefined, NO_BROWSER))

  test.each([
    ['a phone', PHONE],
    ['a desktop', DESKTOP],
  ])('on %s a card is paid, and the shop’s page says so', async (_what, viewport) => {
    const { id, page, problems } = await sentToPay('card', viewport)
    expect(await overflow(page)).toBe(0)
    await press(page, /^Pay 898\.00 PLN/)
    await heading(page, 'Paid')
    expect(new URL(page.url()).pathname).toBe(`/payments/return/${id}`)
    expect(await page.getByText('898.00 PLN').count()).toBe(1)
    expect(await overflow(page)).toBe(0)
    expect((await shop.seen(id)).status).toBe('paid')
    expect(problems).toEqual([])
  })

  test('BLIK is chosen on the page, and paid', async () => {
    const { id, page } = await sentToPay('payu')
    await press(page, 'BLIK')
    await page.getByLabel("Code from your bank's app").fill('777123')
    await press(page, /^Pay 898\.00 PLN/)
    await heading(page, 'Paid')
    expect((await shop.seen(id)).status).toBe('paid')
  })

  test('a card is declined, its bank asks about the next one, and that is paid', async () => {
    const { id, page } = await sentToPay('card')
    await page.getByLabel('Card number').fill('5000 1050 1812 6595')
    await press(page, /^Pay 898\.00 PLN/)
    await page.getByRole('alert').waitFor()
    await page.getByLabel('Card number').fill('4245 7576 6634 9685')
    await press(page, /^Pay 898\.00 PLN/)
    await press(page, /^Yes, confirm/)
    await heading(page, 'Paid')
    expect((await shop.seen(id)).status).toBe('paid')
  })

  test('whoever comes back too early sees that it waits, and by itself that it is paid', async () => {
    const { id, page } = await sentToPay('payu', PHONE)
    await press(page, 'Back to the shop, without paying')
    await heading(page, 'Just a moment')
    expect(await overflow(page)).toBe(0)
    shop.server.simulator.act(shop.payuOrder(id).orderId, 'pay')
    await heading(page, 'Paid')
    expect((await shop.seen(id)).status).toBe('paid')
  })

  test('whoever declines is told that nothing was taken', async () => {
    const { id, page } = await sentToPay('payu', PHONE)
    await press(page, 'Decline: cancel the payment')
    await heading(page, 'Not paid')
    expect(await overflow(page)).toBe(0)
    expect(await shop.seen(id)).toMatchObject({ status: 'to_pay', payment_status: 'canceled' })
  })
})
