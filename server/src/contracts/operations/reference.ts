import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'

const LOGO = Buffer.from(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 170 40"><path d="M8 14h24l-3 18H11Z" fill="#2fb27c"/><path d="M14 16v-4a6 6 0 0 1 12 0v4" fill="none" stroke="#fff" stroke-width="2.5"/><text x="44" y="28" fill="#fff" font-family="system-ui, sans-serif" font-size="22" font-weight="600">Tradepost</text></svg>`,
)

/**
 * The API reference: /openapi.json, generated from the schemas that validate, and a page for people at /docs, served
 * from disk. Register it before the routes it shall know.
 */
export function describeApi(
  app: FastifyInstance,
  { publicUrl, version }: { publicUrl: string; version: string },
): void {
  app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Tradepost',
        version,
        description: `The shop contract: sign in, look at products, fill a bucket, order, pay.

Signing in sets two cookies. \`sessionid\` says who you are; every request that changes something also has to send the
value of \`csrftoken\` in the header \`X-CSRFToken\` (or \`CSRFTOKEN\`). A trailing slash is optional on every path.

Business errors carry a code: \`{"code": 1043, "message": "not enough products in magazines", "details": null}\`.`,
      },
      servers: [{ url: publicUrl }],
      components: {
        securitySchemes: {
          session: { type: 'apiKey', in: 'cookie', name: 'sessionid', description: 'Set by POST /api/login' },
          csrf: { type: 'apiKey', in: 'header', name: 'X-CSRFToken', description: 'The value of the cookie csrftoken' },
          accessToken: { type: 'apiKey', in: 'header', name: 'X-Access-Token' },
          bearer: { type: 'http', scheme: 'bearer' },
        },
      },
    },
  })
  app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { deepLinking: true, docExpansion: 'list', displayRequestDuration: true, tryItOutEnabled: true },
    staticCSP: true,
    logo: { type: 'image/svg+xml', content: LOGO, href: '/docs', target: '_self' },
    theme: {
      title: 'Tradepost API',
      css: [{ filename: 'tradepost.css', content: '.swagger-ui .topbar .download-url-wrapper { display: none }' }],
    },
  })
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
}
