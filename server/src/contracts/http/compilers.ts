// Fastify compiles what a route takes and answers when the route is added. Of a hundred schemas, most are not asked for in
// the first minutes: each is compiled when it is needed first, which takes a few milliseconds once, and the compilers
// themselves are loaded with the first.

import { createRequire } from 'node:module'
import type { Ajv } from 'ajv'
import type { FastifySchemaCompiler, FastifySerializerCompiler } from 'fastify'
import type { FastifySchemaValidationError, FastifyValidationResult } from 'fastify/types/schema.js'

const require = createRequire(import.meta.url)

/** @param loadAjv called once, when a body, a query or a path is looked at first */
export function validatorsWhenAsked(loadAjv: () => Ajv): FastifySchemaCompiler<object> {
  const ajv = once(loadAjv)
  return ({ schema }) => {
    const compiled = once(() => ajv().compile(schema))
    const validate: FastifyValidationResult = (data) => {
      const isValid = compiled()(data)
      validate.errors = (compiled().errors ?? null) as FastifySchemaValidationError[] | null
      return isValid
    }
    return validate
  }
}

/** Serialises as Fastify would by itself. */
export function serializersWhenAsked(): FastifySerializerCompiler<object> {
  return ({ schema }) => {
    const compiled = once(() => loadFastJsonStringify()(schema))
    return (data) => compiled()(data)
  }
}

const loadFastJsonStringify = once(() => require('fast-json-stringify') as typeof import('fast-json-stringify').default)

/** `require`, because a request is validated and its answer serialised without waiting. */
export const loadAjv = once(() => (require('ajv') as typeof import('ajv')).Ajv)

function once<T>(make: () => T): () => T {
  let made: { it: T } | undefined
  return () => {
    made ??= { it: make() }
    return made.it
  }
}
