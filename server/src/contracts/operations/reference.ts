import Fastify, { type FastifyInstance, type FastifyPluginAsync, type RouteOptions } from 'fastify'

const LOGO = Buffer.from(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 170 40"><path d="M8 14h24l-3 18H11Z" fill="#2fb27c"/><path d="M14 16v-4a6 6 0 0 1 12 0v4" fill="none" stroke="#fff" stroke-width="2.5"/><text x="44" y="28" fill="#fff" font-family="system-ui, sans-serif" font-size="22" font-weight="600">Tradepost</text></svg>`,
)

const DESCRIPTION = `Three contracts over one set of customers. Whoever registered or signed in through one is known to
all, and every credential opens every contract.

| contract | prefix | signing in | a change needs besides | a refusal |
| --- | --- | --- | --- | --- |
| shop | \`/api\` | \`POST /api/login\` sets the cookies \`sessionid\` and \`csrftoken\` | on the cookie: its \`csrftoken\` as \`X-CSRFToken\` | \`{"code": 1043, "message": "not enough products in magazines", "details": null}\` |
| whoami | \`/api/v1\` | \`POST /api/v1/auth/login\` answers an access token for \`X-Access-Token\` | always: a ticket of \`GET /api/v1/csrf\` as \`X-CSRF-Token\` | \`{"status": 203, "message": "Invalid access token"}\` |
| accounts | the root | \`POST /obtain_token/\` answers a JSON Web Token for \`Authorization: JWT …\` | on the shop's cookie: as there | \`{"detail": "Authentication credentials were not provided."}\` |

A trailing slash is optional on every path. Refusals come in the shape of the contract that was asked, whatever the
credential.`

/** In the order in which one meets them. */
const TAGS = [
  { name: 'Sign in', description: 'Shop: registration, login, logout' },
  { name: 'Profile', description: 'Shop: the customer and the password' },
  { name: 'Sessions', description: 'Where a customer is signed in, through whichever contract, and ending it' },
  { name: 'Account life', description: 'Confirming the e-mail address, and a new password for who forgot it' },
  { name: 'Products', description: 'Shop: the catalogue, open to all' },
  { name: 'Bucket', description: 'Shop: what the customer means to buy; it promises neither stock nor price' },
  { name: 'Orders', description: 'Shop: from the bucket to an order with its stock reserved' },
  { name: 'Payment', description: 'Shop: choosing and confirming how an order is paid' },
  { name: 'Whoami: sign in', description: 'CSRF tickets and access tokens' },
  { name: 'Whoami', description: 'The profile and the password' },
  { name: 'Accounts', description: 'Registration, JSON Web Tokens, the profile with its avatar' },
  { name: 'Media', description: 'Files that customers have uploaded' },
  { name: 'Webhooks', description: 'What is sent to the endpoints of `tradepost webhooks`: see docs/webhooks.md' },
]

const SECURITY_SCHEMES = {
  session: { type: 'apiKey', in: 'cookie', name: 'sessionid', description: 'Set by `POST /api/login`' },
  csrf: {
    type: 'apiKey',
    in: 'header',
    name: 'X-CSRFToken',
    description:
      'The value of the cookie `csrftoken`, for changes on the session cookie. This page sends it by itself.',
  },
  accessToken: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Access-Token',
    description: 'The `token` of `POST /api/v1/auth/login`',
  },
  bearer: { type: 'http', scheme: 'bearer', description: 'The same token, or any other, as `Authorization: Bearer …`' },
  jwt: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description: '`JWT <token>`, with the `token` of `POST /obtain_token/`',
  },
  csrfTicket: {
    type: 'apiKey',
    in: 'header',
    name: 'X-CSRF-Token',
    description:
      'The `token` of `GET /api/v1/csrf`, asked for with the credential it shall go with; good for 10 minutes',
  },
} as const

/** Runs in the page, where `try it out` is a script like any client's: it has to send along what the cookie says. */
function sendCsrfToken<R>(request: R): R {
  const cookies = (globalThis as unknown as { document: { cookie: string } }).document.cookie
  const token = /(?:^|; )csrftoken=([^;]+)/.exec(cookies)?.[1]
  const { headers } = request as unknown as { headers: Record<string, string> }
  if (token) headers['X-CSRFToken'] ??= token
  return request
}

interface About {
  readonly publicUrl: string
  readonly version: string
  readonly webhooks: Record<string, object>
}

/** Where it is found. All else that the page is made of lies below `/docs/static`. */
const PATHS = ['/openapi.json', '/docs', '/docs/json', '/docs/yaml', '/docs/static/*']

/**
 * The API reference: /openapi.json, generated from the schemas that validate, and a page for people at /docs, served
 * from disk. Register it before the routes it shall know. It is made when somebody looks: a start does not wait for it.
 */
export function describeApi(app: FastifyInstance, about: About): void {
  const routes: RouteOptions[] = []
  app.addHook('onRoute', (route) => {
    if (route.method !== 'HEAD') routes.push(route)
  })
  let reference: Promise<FastifyInstance> | undefined
  for (const path of PATHS) {
    app.get(path, { schema: { hide: true } }, async (request, reply) => {
      reference ??= makeReference(routes, about).catch((error) => {
        reference = undefined // the next may have more luck
        throw error
      })
      const { url, headers } = request
      const answer = await (await reference).inject({ method: 'GET', url, headers })
      if (answer.statusCode === 404) return reply.callNotFound()
      const { connection, date, 'transfer-encoding': _, ...rest } = answer.headers
      return reply
        .code(answer.statusCode)
        .headers(rest)
        .send(answer.rawPayload.length > 0 ? answer.rawPayload : undefined)
    })
  }
}

/** A server that is asked by us alone. It has the routes to describe, and answers only for the reference. */
async function makeReference(routes: readonly RouteOptions[], about: About): Promise<FastifyInstance> {
  const { publicUrl, version, webhooks } = about
  const isSecure = publicUrl.startsWith('https:')
  const [{ default: swagger }, { default: swaggerUi }] = await Promise.all([
    import('@fastify/swagger'),
    import('@fastify/swagger-ui'),
  ])
  const app = Fastify({ exposeHeadRoutes: false, routerOptions: { ignoreTrailingSlash: true } })
  app.setValidatorCompiler(() => () => true).setSerializerCompiler(() => JSON.stringify)
  app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Tradepost',
        version,
        description: DESCRIPTION,
      },
      servers: [{ url: publicUrl }],
      tags: TAGS,
      webhooks,
      components: {
        securitySchemes: SECURITY_SCHEMES,
      },
    },
  })
  app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: {
      deepLinking: true,
      docExpansion: 'list',
      displayRequestDuration: true,
      tryItOutEnabled: true,
      requestInterceptor: sendCsrfToken,
    },
    staticCSP: true,
    // Over plain http, as on a laptop's network, there is no https to go up to.
    transformStaticCSP: (header) => (isSecure ? header : header.replace(/upgrade-insecure-requests;?/, '')),
    logo: { type: 'image/svg+xml', content: LOGO, href: '/docs', target: '_self' },
    theme: {
      title: 'Tradepost API',
      css: [{ filename: 'tradepost.css', content: '.swagger-ui .topbar .download-url-wrapper { display: none }' }],
    },
  })
  app.register(async (described) => {
    for (const { method, url, schema = {}, config } of routes) {
      if (!schema.hide) described.route({ method, url, schema, ...(config && { config }), handler: async () => {} })
    }
  })
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
  await app.ready()
  return app
}

/** A plugin whose routes the reference does not show: they are not the shop's. */
export function unlisted(plugin: FastifyPluginAsync): FastifyPluginAsync {
  return async (app) => {
    app.addHook('onRoute', (route) => {
      route.schema = { ...route.schema, hide: true }
    })
    app.register(plugin)
  }
}
