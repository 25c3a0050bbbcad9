import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { NO_BROWSER, openBrowser } from '../testing/browser.ts'
import { startWithShop } from '../testing/shop.ts'

// The pages in a real browser, which keeps to the content security policy and follows redirects as a buyer's does.

const PHONE = { width: 360, height: 740 }
const DESKTOP = { width: 1280, height: 800 }

let context: BrowserContext
let close: () => Promise<void>

beforeAll(async () => {
  if (!NO_BROWSER) ({ context, close } = await openBrowser())
})
afterAll(() => close?.())

/** A shop whose way back leads over a redirect to a second address, as from an API to a shop front. */
async function shopFront(): Promise<string> {
  const listen = async (answer: http.RequestListener): Promise<string> => {
    const server = http.createServer(answer)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  const front = await listen((_request, response) => response.end('<h1>Back in the shop</h1>'))
  return listen((request, response) => response.writeHead(303, { location: front + request.url }).end())
}

async function atPayPage(changes: Record<string, unknown> = {}, viewport = DESKTOP) {
  const { payu, shop } = await startWithShop()
  const { redirectUri, orderId } = (await shop.create({ continueUrl: `${await shopFront()}/back`, ...changes })).body
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  onTestFinished(() => page.close())
  await page.setViewportSize(viewport)
  await page.goto(redirectUri)
  return { payu, shop, page, orderId, status: () => payu.order(orderId).status, complaints }
}

const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first().click()

/** The shop's page, and the query it came with. */
async function backInShop(page: Page): Promise<string> {
  await page.getByRole('heading', { name: 'Back in the shop' }).waitFor()
  return new URL(page.url()).search
}

describe('in a browser', () => {
  beforeEach(({ skip }) => skip(NO_BROWSER !== undefined, NO_BROWSER))

  test('a card with 3-D Secure is paid', async () => {
    const { page, status, complaints } = await atPayPage()
    await press(page, 'Card')
    await page.getByLabel('Card number').fill('4245 7576 6634 9685')
    await press(page, /^Pay 129.99 PLN/)
    await press(page, 'Yes, confirm 129.99 PLN')
    expect(await backInShop(page)).toBe('')
    expect(status()).toBe('COMPLETED')
    expect(complaints.filter((text) => text.includes('Content Security Policy'))).toEqual([])
  })

  test('a declined card is followed by a good one, each at one press', async () => {
    const { page, status } = await atPayPage({ payMethods: { payMethod: { type: 'PBL', value: 'c' } } })
    await press(page, /5000 1050 1812 6595/)
    await page.getByRole('alert').waitFor()
    expect(await page.getByRole('alert').textContent()).toContain('The payment was refused.')
    await press(page, /4444 3333 2222 1111/)
    expect(await backInShop(page)).toBe('')
    expect(status()).toBe('COMPLETED')
  })

  test('BLIK is paid with a code; the field takes six digits only', async () => {
    const { page, status } = await atPayPage()
    await press(page, 'BLIK')
    await page.getByLabel("Code from your bank's app").fill('12345')
    await press(page, /^Pay/)
    expect(await page.locator('input:invalid').count()).toBe(1)
    expect(status()).toBe('NEW')
    await page.getByLabel("Code from your bank's app").fill('777123')
    await press(page, /^Pay/)
    expect(await backInShop(page)).toBe('')
    expect(status()).toBe('COMPLETED')
  })

  test('a buyer who declines, or leaves, comes back with an error', async () => {
    const declining = await atPayPage()
    await press(declining.page, 'mTransfer')
    await press(declining.page, 'Decline: cancel the payment')
    expect(await backInShop(declining.page)).toBe('?error=501')
    expect(declining.status()).toBe('CANCELED')
    const leaving = await atPayPage()
    await press(leaving.page, 'Back to the shop, without paying')
    expect(await backInShop(leaving.page)).toBe('?error=501')
    expect(leaving.status()).toBe('NEW')
  })

  test('a method is changed for another', async () => {
    const { page, status } = await atPayPage()
    await press(page, 'ING')
    await page.getByRole('link', { name: 'Another method' }).click()
    await press(page, 'Santander')
    await press(page, /^Pay/)
    await backInShop(page)
    expect(status()).toBe('COMPLETED')
  })

  test.each([PHONE, DESKTOP])('nothing is cut off, at $width pixels', async (viewport) => {
    const products = [{ name: `Lamp${'p'.repeat(200)}`, unitPrice: '12999', quantity: '1' }]
    const changes = { products, description: 'x'.repeat(300), extOrderId: 'y'.repeat(300) }
    const { page, payu, shop } = await atPayPage(changes, viewport)
    const overflow = () => page.evaluate('document.documentElement.scrollWidth - window.innerWidth')
    expect(await overflow()).toBe(0)
    const address = page.url()
    for (const method of ['Card', 'BLIK', 'ING']) {
      await page.goto(address)
      await press(page, method)
      expect(await overflow()).toBe(0)
    }
    await shop.createPaid(payu, changes)
    payu.faults.add({ kind: 'error', on: 'create' })
    await page.goto(`${payu.url}/_simulator`)
    await page.getByText('Switch one on').click()
    expect(await overflow()).toBe(0)
  })

  test("the simulator's own page switches faults on and off, and pays", async () => {
    const { page, payu, status, shop } = await atPayPage({ extOrderId: 'Z-1' })
    await page.goto(`${payu.url}/_simulator`)
    await page.getByText('Switch one on').click()
    const notifications = page.locator('form', { hasText: 'Notifications' })
    await notifications.getByLabel('kind').selectOption('bad-signature')
    await notifications.getByLabel('status').selectOption('COMPLETED')
    await notifications.getByRole('button').click()
    await page.getByText('1 of 1 left').waitFor()
    expect(payu.faults.list().map(({ fault }) => fault)).toEqual([
      { kind: 'bad-signature', status: 'COMPLETED', times: 1 },
    ])
    await page.locator('article', { hasText: 'Z-1' }).getByRole('button', { name: 'Pay', exact: true }).click()
    await page.getByRole('button', { name: 'Settle all' }).click()
    await page.getByText('accepted').nth(1).waitFor()
    expect(status()).toBe('COMPLETED')
    expect(shop.told).toEqual(['PENDING', 'COMPLETED'])
    expect(payu.faults.list()).toEqual([])
  })
})
