// The ceiling: bare node:http, one round trip to PostgreSQL a request, no rule that the work itself does not need.
//   DATABASE_URL=… PORT=… [POOL=10] node bench/ceiling/server.mjs
// Passwords are not hashed: sign-ins are measured against the hashing alone (bench/hashing.mjs).
import cluster from 'node:cluster'
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import pg from 'pg'

const { DATABASE_URL, PORT, POOL = '10', WORKERS = '1' } = process.env

const STATEMENTS = {
  profile: `select c.id as uuid, c.username, c.first_name, c.last_name, c.email, c.phone, c.city
    from sessions s join customers c on c.id = s.customer_id where s.id = $1 and s.expires_at > now()`,
  products: `select p.id as uuid, p.name, p.description, p.price, p.product_type, s.free as quantity
    from products p join stock s on s.product_id = p.id order by p.id limit 20`,
  add: 'select * from add_line($1, $2, $3)',
  bucket: `select s.customer_id, b.id as bucket_uuid, b.product_id as product, b.quantity, b.price as value
    from sessions s left join bucket_lines b on b.customer_id = s.customer_id where s.id = $1 and s.expires_at > now()`,
  order: 'select * from place_order($1)',
  register: 'insert into customers (username, first_name, email) values ($1, $2, $3)',
  signIn:
    'insert into sessions (id, customer_id) select $1, id from customers where username = $2 returning customer_id',
}

const NOBODY = { status: 403, body: { detail: 'Authentication credentials were not provided.' } }
const page = (results) => ({ status: 200, body: { count: results.length, next: null, previous: null, results } })

function routesOn(ask) {
  return {
    async 'GET /api/profile'({ session }) {
      const rows = await ask('profile', session)
      return rows.length > 0 ? page(rows) : NOBODY
    },
    'GET /api/products': async () => page(await ask('products')),
    async 'POST /api/bucket'({ session, body: { product, quantity } }) {
      const [line] = await ask('add', session, product, quantity)
      if (line.customer === null) return NOBODY
      if (line.price === null) return { status: 409, body: { code: 1041, message: 'not added' } }
      return { status: 200, body: { customer: line.customer, quantity, product, value: Number(line.price) } }
    },
    async 'GET /api/bucket'({ session }) {
      const rows = await ask('bucket', session)
      return rows.length > 0 ? page(rows.filter((line) => line.bucket_uuid !== null)) : NOBODY
    },
    async 'POST /api/orders'({ session }) {
      const [order] = await ask('order', session)
      if (order.customer === null) return NOBODY
      if (order.new_order === null) return { status: 409, body: { code: 1083, message: 'bucket is empty' } }
      const { new_order, customer, total, placed_at } = order
      return {
        status: 200,
        body: { order_uuid: new_order, status: 'new', date_created: placed_at, sum: total, customer },
      }
    },
    async 'POST /api/register'({ body }) {
      await ask('register', body.username, body.first_name, body.email)
      return { status: 200, body }
    },
    async 'POST /api/login'({ body }) {
      const id = randomBytes(16).toString('hex')
      const [row] = await ask('signIn', id, body.username)
      if (!row) return { status: 404, body: { code: 3001, message: 'user or password not match' } }
      return { status: 200, body: { status: 'OK', user: row.customer_id }, cookie: `sessionid=${id}; Path=/; HttpOnly` }
    },
  }
}

function serve() {
  const pool = new pg.Pool({
    connectionString: DATABASE_URL,
    max: Number(POOL),
    // A plan made while a table was empty would scan it for ever; Tradepost's connections are set alike.
    options: '-c enable_seqscan=off -c plan_cache_mode=force_generic_plan -c jit=off',
  })
  const ask = async (name, ...values) => (await pool.query({ name, text: STATEMENTS[name], values })).rows
  const routes = routesOn(ask)
  const server = createServer((request, response) => {
    answer(routes, request).then(
      (answered) => send(response, answered),
      (error) => {
        console.error(error)
        send(response, { status: 500, body: {} })
      },
    )
  })
  server.keepAliveTimeout = 72_000
  server.listen(Number(PORT), '127.0.0.1', () => console.log('is ready'))
}

async function answer(routes, request) {
  const route = routes[`${request.method} ${request.url.split('?', 1)[0]}`]
  if (!route) return { status: 404, body: { detail: 'Not found.' } }
  return route({ session: sessionOf(request), body: request.method === 'GET' ? {} : JSON.parse(await textOf(request)) })
}

function sessionOf({ headers: { cookie = '' } }) {
  return /(?:^|; )sessionid=([^;]*)/.exec(cookie)?.[1] ?? ''
}

async function textOf(request) {
  let text = ''
  request.setEncoding('utf8')
  for await (const chunk of request) text += chunk
  return text
}

function send(response, { status, body, cookie }) {
  const text = JSON.stringify(body)
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
  response.writeHead(status, cookie ? { ...headers, 'set-cookie': cookie } : headers)
  response.end(text)
}

if (Number(WORKERS) > 1 && cluster.isPrimary) for (let i = 0; i < Number(WORKERS); i++) cluster.fork()
else serve()
