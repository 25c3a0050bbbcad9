import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'

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
    theme: { title: 'Tradepost API' },
  })
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
}
