// The whole flow of the shop contract; `--help` tells more. No dependencies: this is all a client needs.
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { payOnPage } from './pay-page.mjs'

const HELP = `The whole flow of the shop contract, from a new customer to a paid order, against a running shop.

  npm start                                            in one terminal
  node examples/walk-through.mjs                       in another; pays by card
  node examples/walk-through.mjs --method payu         by a bank, chosen on PayU's page
  node examples/walk-through.mjs --method blik         by BLIK, on PayU's page
  node examples/walk-through.mjs --method blik-code    by BLIK, with the code typed in the shop
  node examples/walk-through.mjs --method transfer     beside the shop: confirms the transfer as its staff

BASE_URL says where the shop is (http://127.0.0.1:8000).`

const BASE_URL = (process.env.BASE_URL ?? 'http://127.0.0.1:8000').replace(/\/+$/, '')
/** What the shop is asked for, and what the buyer then does on the page it leads to. */
const WAYS = {
  card: { wish: { method: 'card' }, typed: { number: '4444 3333 2222 1111' } },
  payu: { wish: { method: 'payu' }, typed: { method: 'm' } },
  blik: { wish: { method: 'payu' }, typed: { method: 'blik', code: '777123' } },
  'blik-code': { wish: { method: 'payu', blik_code: '777123' } },
  transfer: { wish: { method: 'transfer' } },
}
const cookies = new Map() // as a browser keeps them

try {
  const { values } = parseArgs({
    options: { help: { type: 'boolean', short: 'h' }, method: { type: 'string', default: 'card' } },
  })
  if (values.help) console.log(HELP)
  else await walk(values.method)
} catch (error) {
  console.error(`\nIt did not work: ${error.message}`)
  process.exitCode = 1
}

async function walk(name) {
  const way = WAYS[name]
  if (!way) throw new Error(`--method is one of ${Object.keys(WAYS).join(', ')}.`)

  // 1. Login / registration ------------------------------------------------------------------------------------------

  const username = `anakin-${randomBytes(4).toString('hex')}` // a new customer every time
  const password = 'a-long-time-ago-in-a-shop'
  await call('POST', '/api/register', {
    username,
    password,
    first_name: 'lord_anakin',
    email: `${username}@deathstar.example`,
  })
  done('1. registered', username)

  // Logging in sets two cookies. `sessionid` says who we are; `csrftoken` goes back in a header with every request that
  // changes something. `call`, at the end of this file, does both.
  const { user } = await call('POST', '/api/login', { username, password })
  done('   logged in', `customer ${user}`)

  // 2. Add products to bucket ----------------------------------------------------------------------------------------

  const catalogue = await call('GET', '/api/products?page_size=100')
  const products = catalogue.results.filter((product) => product.quantity >= 2).slice(0, 2)
  if (products.length === 0) {
    throw new Error('There is nothing to buy. `npx tradepost seed` fills the shop with a demo catalogue.')
  }
  done('2. looked around', `${catalogue.count} products`)
  for (const [index, product] of products.entries()) {
    const quantity = index + 1
    await call('POST', '/api/bucket', { product: product.uuid, quantity })
    done('   put in the bucket', `${quantity} × ${product.name} at ${product.price}`)
  }

  // 3. Confirm / create order from products in bucket ----------------------------------------------------------------

  // With `expected_sum` nothing is bought should a price have changed since we looked. With an `Idempotency-Key` the
  // request may be sent again after a lost connection: it is still one order.
  const sum = products.reduce((total, { price }, index) => total + toMinor(price) * (index + 1), 0)
  const order = await call(
    'POST',
    '/api/orders',
    { expected_sum: toDecimal(sum), delivery: { name: 'Anakin Skywalker', city: 'Mos Espa' } },
    { 'idempotency-key': randomBytes(16).toString('hex') },
  )
  const orderPath = `/api/orders/${order.order_uuid}`
  done('3. ordered', `${order.order_uuid}, ${order.sum} in all; its stock is reserved`)

  // 4. Select payment method -----------------------------------------------------------------------------------------

  const { method, blik_code: blikCode } = way.wish
  const offers = (await call('GET', '/api/payment-methods')).results
  const offer = offers.find((it) => it.method === method)
  if (!offer || (blikCode && !offer.takes_blik_code)) {
    throw new Error(`This shop does not take ${name}, but ${offers.map((it) => it.method).join(', ') || 'nothing'}.`)
  }
  const payment = await call('PUT', `${orderPath}/payment`, way.wish)
  done('4. chose', `${method}; the payment is ${payment.status}`)

  // 5. Confirm payment -----------------------------------------------------------------------------------------------

  if (payment.transfer) await sendTransfer(payment.transfer)
  else if (payment.redirect_uri) await payInBrowser(payment.redirect_uri, way.typed)
  else done('   the bank asks', 'the buyer confirms the BLIK code in its app')

  // The shop does not take our word for it: it asks the gateway. For a transfer it only notes that we sent one.
  const confirmed = await call('POST', `${orderPath}/payment/confirm`)
  done('5. confirmed', `the payment is ${confirmed.status}`)
  if (payment.transfer) confirmLikeStaff(payment.transfer.title)

  const paid = await waitUntilPaid(orderPath)
  done('   the order is', paid.status)
  console.log(JSON.stringify(paid, null, 2))
}

/** The buyer is sent to PayU's page, pays there, and comes back to a page of the shop. */
async function payInBrowser(redirectUri, typed) {
  done('   sent to', redirectUri)
  const back = await payOnPage(redirectUri, typed)
  const response = await fetch(back, { headers: cookieHeader() })
  const [, title] = /<h1>(.*?)<\/h1>/.exec(await response.text()) ?? []
  done('   back at', `${back}, which says "${title}"`)
}

/** What the buyer types into their bank's form, or scans from `qr_image`. */
async function sendTransfer({ iban, recipient, title, amount, currency }) {
  done('   to be sent', `${amount} ${currency} to ${recipient}, ${iban}, with the title ${title}`)
}

/** What the shop's staff do when the money is on the account. It needs the shop's own settings, so only works beside it. */
function confirmLikeStaff(title) {
  console.log(`   $ npx tradepost payments confirm ${title}`)
  const { status } = spawnSync('npx', ['tradepost', 'payments', 'confirm', title], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (status === 0) return
  throw new Error(
    'The command failed. It has to find the database of the shop: run this with the same DATA_DIR or DATABASE_URL.',
  )
}

async function waitUntilPaid(orderPath) {
  for (let tries = 0; tries < 40; tries++) {
    const order = await call('GET', orderPath)
    if (order.status === 'paid') return order
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  throw new Error(`The order was not paid within 10 seconds. Look at GET ${orderPath}: payment_status may tell why.`)
}

// A client of the shop, in full ---------------------------------------------------------------------------------------

/** Sends JSON, and answers JSON. A browser would do the cookies by itself. */
async function call(method, path, body, headers = {}) {
  const response = await fetch(BASE_URL + path, {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...cookieHeader(),
      ...(method !== 'GET' && cookies.has('csrftoken') && { 'x-csrftoken': cookies.get('csrftoken') }),
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  }).catch((error) => {
    const why = error.cause?.code ?? error.message
    throw new Error(`No shop answers at ${BASE_URL} (${why}). Start one with \`npm start\`, or set BASE_URL.`)
  })
  for (const cookie of response.headers.getSetCookie()) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)
    cookies.set(name, value)
  }
  const text = await response.text()
  if (response.ok) return JSON.parse(text)
  throw new Error(`${method} ${path} answered ${response.status} ${text}\n${adviceFor(response.status)}`)
}

function cookieHeader() {
  return cookies.size > 0 ? { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') } : {}
}

function adviceFor(status) {
  if (status === 404) return `Is Tradepost at ${BASE_URL}, and not something else?`
  if (status === 409) return 'docs/refusals.md tells what the code means. Somebody may have been quicker: try again.'
  if (status === 429 || status === 503) return 'The shop is busy, or its database is: try again in a moment.'
  if (status >= 500) return 'That is a bug of the shop. Its log has the whole story.'
  return 'docs/refusals.md tells what it means; the API reference is at /docs.'
}

function done(step, what) {
  console.log(`${step.padEnd(21)} ${what}`)
}

/** Money is counted in whole grosze, never in fractions of złoty. */
function toMinor(decimal) {
  return Number(decimal.replace('.', ''))
}

function toDecimal(minor) {
  return `${Math.floor(minor / 100)}.${String(minor % 100).padStart(2, '0')}`
}
