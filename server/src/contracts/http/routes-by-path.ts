import type { FastifyInstance } from 'fastify'

/**
 * Remembers the routes that are added to `app` from now on, to tell an unknown path from a known one asked with an
 * unknown method: the router itself answers both alike.
 *
 * @returns the methods that a path knows, sorted; none for an unknown path
 */
export function rememberRoutes(app: FastifyInstance): (url: string) => string[] {
  const routes: { pattern: RegExp; methods: string[] }[] = []
  app.addHook('onRoute', ({ url, method }) => {
    const pattern = new RegExp(
      `^${url
        .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
        .replace(/:\w+/g, '[^/]+')
        .replace(/\/?$/, '/?')}$`,
    )
    routes.push({ pattern, methods: [method].flat() })
  })
  return (url) => {
    const path = url.split('?', 1)[0] ?? ''
    return [...new Set(routes.filter((route) => route.pattern.test(path)).flatMap((route) => route.methods))].sort()
  }
}
