import type { FastifyInstance } from 'fastify'

/** A picture for each pay method: its code, in a frame. No brand's own. */
export function brandImages(app: FastifyInstance): void {
  app.get<{ Params: { code: string } }>('/brands/:code(^[a-z]{1,4}).svg', async ({ params }, reply) =>
    reply
      .type('image/svg+xml')
      .headers({ 'content-security-policy': "default-src 'none'", 'cache-control': 'max-age=86400' })
      .send(
        `<svg xmlns="http://www.w3.org/2000/svg" width="96" height="48" viewBox="0 0 96 48"><rect x="1" y="1" width="94" height="46" rx="8" fill="#fff" stroke="#8a97a5"/><text x="48" y="31" font-family="sans-serif" font-size="20" text-anchor="middle" fill="#1b2430">${params.code}</text></svg>`,
      ),
  )
}
