import type { FastifyInstance } from 'fastify'

/** A path with and without a slash behind it: shops call both. An application around us may take the two as one already. */
export function withOrWithoutSlash({ initialConfig }: FastifyInstance, path: string): string[] {
  const isOne = initialConfig.routerOptions?.ignoreTrailingSlash ?? initialConfig.ignoreTrailingSlash ?? false
  return isOne ? [path] : [path, `${path}/`]
}
