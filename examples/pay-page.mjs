// The buyer's browser, as far as the walk-through needs one: it opens the page that the shop's answer leads to, fills in
// what the buyer would type, presses "Pay", and is sent back. It knows the pages of the PayU simulator, no others.

/**
 * Pays on the pay page.
 *
 * @param redirectUri from the shop's answer to choosing `card` or `payu`
 * @param typed what the buyer chooses and types: `{ method: 'blik', code: '777123' }`; the rest is left as it stands there
 * @returns the address the browser is sent back to: the shop's
 */
export async function payOnPage(redirectUri, typed) {
  const { hostname, pathname } = new URL(redirectUri)
  // A shop of several processes has its simulator at a port of its own, on its machine.
  if (!pathname.startsWith('/payu-simulator/') && hostname !== '127.0.0.1') {
    throw new Error(`This shop is paid at a real gateway, where a script cannot pay. Open ${redirectUri} in a browser.`)
  }
  const address = new URL(redirectUri)
  if (typed.method) address.searchParams.set('method', typed.method)
  const page = await browse(address)
  const form = new URLSearchParams({ ...fieldsOf(await page.text()), ...typed, action: 'pay' })
  const answer = await browse(address, { method: 'POST', body: form })
  if (answer.status === 303) return answer.headers.get('location')
  const [, problem] = /role="alert">([^<]*)/.exec(await answer.text()) ?? []
  throw new Error(`The pay page says: ${problem ?? `${answer.status}, and nothing else`}`)
}

/** Redirects are not followed: where they lead is the next thing to look at. */
async function browse(address, options = {}) {
  const answer = await fetch(address, { ...options, redirect: 'manual' }).catch((error) => {
    throw new Error(`The pay page ${address} cannot be reached from here (${error.cause?.code ?? error.message}).`)
  })
  if (answer.status >= 500 || answer.status === 404) throw new Error(`The pay page answered ${answer.status}.`)
  return answer
}

/** What the form holds before anybody types: hidden fields and defaults. */
function fieldsOf(html) {
  const [, form = ''] = /<form method="post">(.*?)<\/form>/s.exec(html) ?? []
  const inputs = [...form.matchAll(/<input\b[^>]*>/g)].map(([tag]) => [attribute(tag, 'name'), attribute(tag, 'value')])
  return Object.fromEntries(inputs)
}

function attribute(tag, name) {
  return new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1]?.replaceAll('&amp;', '&') ?? ''
}
