import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readShopDocument } from '../support/contract-document.ts'
import { type Answer, type Person, ShopClient, signUp } from '../support/shop-client.ts'
import { type ShopServer, startShopServer, stockShop } from '../support/shop-server.ts'

// Every exchange that docs/contracts/source/shop-general.md and shop-customer.md print, run as written. What cannot be as
// written is an id or a hash: there the answer has one of the same form.

const calls = new Map([...readShopDocument('shop-general.md'), ...readShopDocument('shop-customer.md')])
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const MASKED_HASH = /^argon2\$argon2id\$v=19\$m=19456,t=2,p=1\$\*+\$\*+$/

let server: ShopServer
let products: Record<string, string>

beforeAll(async () => {
  server = await startShopServer()
  products = await stockShop(server.db, [
    { sku: 'printed', price: '3000.00', quantity: 50 },
    { sku: 'added', price: '1000.00', quantity: 2 },
    { sku: 'unpublished', status: 'draft' },
    { sku: 'sold-out', quantity: 0 },
  ])
})
afterAll(() => server.stop())

function printed(title: string) {
  const call = calls.get(title)
  if (!call) throw new Error(`the documents print no call titled ${title}`)
  return call
}

/** The error that the document prints for a status and a code, as the body it stands for. */
function printedError(title: string, status: number, code: number | null = null) {
  const error = printed(title).errors.find((it) => it.status === status && it.code === code)
  if (!error) throw new Error(`${title} prints no error ${status}/${code}`)
  return error
}

function expectForbidden(title: string, answer: Answer): void {
  const { message } = printedError(title, 403)
  expect(answer.status).toBe(403)
  expect(answer.body).toEqual({ detail: `${message}.`, message: `${message}.` })
}

const client = () => new ShopClient(server.baseUrl)

test('the documents print these eight calls with answers, and the rest is TODO there', () => {
  expect([...calls.keys()]).toEqual([
    'User Registration',
    'Login',
    'Logout',
    'Customer Profile',
    'Update Customer Profile',
    'Change Customer Password',
    'Customer products in bucket',
    'Add products to bucket',
  ])
  for (const call of calls.values()) expect(call.answer).toBeDefined()
})

describe('the flow of the general document, in its order', () => {
  let anakin: ShopClient
  let uuid: string

  beforeAll(() => {
    anakin = client()
  })

  test('user registration answers what was sent, with the hash masked', async () => {
    const { method, path, body, answer } = printed('User Registration')
    const got = await anakin.request(method, path, { json: body })
    expect(got.status).toBe(200)
    expect(Object.keys(got.body)).toEqual(Object.keys(answer))
    // The document's request and answer spell the e-mail's host differently; what was sent is what is answered.
    expect(got.body).toEqual({ ...answer, email: body.email, password: expect.stringMatching(MASKED_HASH) })
  })

  test('registering again is a conflict that names the field', async () => {
    const { method, path, body } = printed('User Registration')
    const { code, message, details } = printedError('User Registration', 409, 2001)
    const sameEmail = await client().request(method, path, { json: { ...body, username: 'someone-else' } })
    expect(sameEmail.status).toBe(409)
    expect(sameEmail.body).toEqual({ code, message, details })
  })

  test('a registration with a bad e-mail is a validation error', async () => {
    const { method, path, body } = printed('User Registration')
    const got = await client().request(method, path, { json: { ...body, email: 'no address' } })
    expect(got.status).toBe(400)
    const { message } = printedError('User Registration', 400)
    expect(got.body).toEqual({ code: null, message, details: { email: ['Enter a valid email address.'] } })
  })

  test('login answers the customer and sets both cookies', async () => {
    const { method, path, body, answer } = printed('Login')
    const got = await anakin.request(method, path, { json: body })
    expect(got.status).toBe(200)
    expect(got.body).toEqual({ ...answer, user: expect.stringMatching(UUID) })
    uuid = got.body.user
    expect([...anakin.cookies.keys()].sort()).toEqual(['csrftoken', 'sessionid'])
  })

  test.each([
    ['a wrong password', { password: 'wrong' }],
    ['an unknown username', { username: 'nobody' }],
  ])('login with %s is answered like the other', async (_what, wrong) => {
    const { method, path, body } = printed('Login')
    const { code, message, details } = printedError('Login', 404, 3001)
    const got = await client().request(method, path, { json: { ...body, ...wrong } })
    expect(got.status).toBe(404)
    expect(got.body).toEqual({ code, message, details })
  })

  test('the headers CSRFTOKEN and SESSIONID of the document do what the cookies do', async () => {
    const { answer } = printed('Customer Profile')
    const headers = { sessionid: anakin.cookies.get('sessionid'), csrftoken: anakin.cookies.get('csrftoken') }
    const profile = await client().get('/api/profile', { headers })
    expect(profile.body.results[0].username).toBe(answer.results[0].username)
    const emptied = await client().delete('/api/bucket', { headers })
    expect(emptied.status).toBe(200)
  })

  test('the profile', async () => {
    const { method, path, answer } = printed('Customer Profile')
    const got = await anakin.request(method, path)
    const [customer] = answer.results
    expect(got.status).toBe(200)
    expect(got.body).toEqual({ ...answer, results: [{ ...customer, uuid, email: 'a.skywalker@eathstar.im' }] })
    expect(Object.keys(got.body.results[0])).toEqual(Object.keys(customer))
  })

  test('updating the profile', async () => {
    const { method, path, body, answer } = printed('Update Customer Profile')
    const got = await anakin.request(method, path.replace(':customer_uuid', uuid), { json: body })
    expect(got.status).toBe(200)
    expect(got.body).toEqual(answer)
    expect(Object.keys(got.body)).toEqual(Object.keys(answer))
  })

  test('changing the password, and the caller stays signed in', async () => {
    const { method, path, body, answer } = printed('Change Customer Password')
    const got = await anakin.request(method, path.replace(':customer_uuid', uuid), { json: body })
    expect(got.status).toBe(200)
    expect(got.body).toEqual({ ...answer, password: expect.stringMatching(MASKED_HASH) })
    expect((await anakin.get('/api/profile')).status).toBe(200)
  })

  test('logout', async () => {
    const { method, path, answer } = printed('Logout')
    const got = await anakin.request(method, path)
    expect(got.status).toBe(200)
    expect(got.body).toEqual(answer)
    expect((await anakin.get('/api/profile')).status).toBe(403)
  })
})

describe('the refusals of the customer document', () => {
  let anna: ShopClient
  let who: Person

  beforeAll(async () => {
    anna = client()
    who = await signUp(anna, 'anna')
    await signUp(client(), 'jan')
  })

  test.each([
    'Customer Profile',
    'Update Customer Profile',
    'Change Customer Password',
    'Customer products in bucket',
    'Add products to bucket',
  ])('%s is for those who are signed in', async (title) => {
    const { method, path, body } = printed(title)
    expectForbidden(title, await client().request(method, path.replace(':customer_uuid', who.uuid), { json: body }))
  })

  test('a profile cannot be given the e-mail of somebody else', async () => {
    const { method, path, body } = printed('Update Customer Profile')
    const json = { ...body, username: 'anna', email: 'JAN@example.com' }
    const got = await anna.request(method, path.replace(':customer_uuid', who.uuid), { json })
    const { code, message } = printedError('Update Customer Profile', 409, 2001)
    expect(got.status).toBe(409)
    expect(got.body).toEqual({ code, message, details: 'customer with this email is already in db' })
  })

  test('a profile without its mandatory fields is a validation error', async () => {
    const { method, path } = printed('Update Customer Profile')
    const got = await anna.request(method, path.replace(':customer_uuid', who.uuid), { json: {} })
    const { message } = printedError('Update Customer Profile', 400)
    const required = ['This field is required.']
    expect(got.status).toBe(400)
    expect(got.body).toEqual({ code: null, message, details: { username: required, email: required } })
  })

  test('the password does not change without the old one', async () => {
    const { method, path, body } = printed('Change Customer Password')
    const got = await anna.request(method, path.replace(':customer_uuid', who.uuid), {
      json: { ...body, username: 'anna' },
    })
    const { code, message } = printedError('Change Customer Password', 404, 3001)
    expect(got.status).toBe(404)
    expect(got.body).toMatchObject({ code, message })
  })
})

describe('the bucket of the customer document', () => {
  let anna: ShopClient
  let who: Person

  beforeAll(async () => {
    anna = client()
    who = await signUp(anna, 'anna.bucket')
  })

  test('adding products', async () => {
    const { method, path, answer } = printed('Add products to bucket')
    const got = await anna.request(method, path, { json: { quantity: answer.quantity, product: products.added } })
    expect(got.status).toBe(200)
    expect(got.body).toEqual({ ...answer, customer: who.uuid, product: products.added })
    expect(Object.keys(got.body)).toEqual(Object.keys(answer))
  })

  test.each([
    ['already in the bucket', 1041, 'added', 1],
    ['already in the bucket is said before that there is not enough', 1041, 'added', 1000],
    ['unpublished', 1042, 'unpublished', 1],
    ['sold out', 1042, 'sold-out', 1],
    ['more than there is', 1043, 'printed', 51],
  ])('adding products: %s', async (_what, code, sku, quantity) => {
    const { method, path } = printed('Add products to bucket')
    const got = await anna.request(method, path, { json: { quantity, product: products[sku] } })
    expect(got.status).toBe(409)
    expect(got.body).toMatchObject({ code, message: printedError('Add products to bucket', 409, code).message })
    expect((await anna.get('/api/bucket')).body.count).toBe(1)
  })

  test('the empty values that the document prints as the body are validation errors', async () => {
    const { method, path, body } = printed('Add products to bucket')
    const got = await anna.request(method, path, { json: body })
    const notNull = ['This field may not be null.']
    expect(got.status).toBe(400)
    expect(got.body.details).toEqual({ quantity: notNull, product: notNull })
  })

  test('the products in it', async () => {
    const { method, path, answer } = printed('Customer products in bucket')
    await anna.delete('/api/bucket')
    const [line] = answer.results
    await anna.post('/api/bucket', { quantity: line.quantity, product: products.printed })
    const got = await anna.request(method, path)
    expect(got.status).toBe(200)
    expect(got.body).toEqual({
      ...answer,
      results: [{ ...line, product: products.printed, bucket_uuid: expect.stringMatching(UUID) }],
    })
    expect(Object.keys(got.body.results[0])).toEqual(Object.keys(line))
  })
})
