import { Ajv, type ValidateFunction } from 'ajv'
import type { ValueSchema } from '../test/support/value-schema.ts'

/** One method of one path, as the shop's own reference tells of it. */
export interface Operation {
  readonly method: string
  /** With its parameters in colons, as routes are written: `/api/bucket/:bucket_uuid`. */
  readonly url: string
  readonly query: readonly string[]
  /** Of its JSON. */
  readonly body: ValueSchema | undefined
  readonly takesForm: boolean
  readonly signedIn: boolean
  /** By status, and by media type without parameters; undefined where nothing is promised but the type. */
  readonly answers: ReadonlyMap<number, ReadonlyMap<string, ValidateFunction | undefined>>
}

interface Documented {
  readonly parameters?: readonly { in: string; name: string }[]
  readonly requestBody?: { content: Record<string, { schema: ValueSchema }> }
  readonly security?: readonly object[]
  readonly responses: Record<string, { content?: Record<string, { schema?: object }> }>
}

export interface Reference {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Documented>>>>
}

/** @param reference what `GET /openapi.json` answers */
export function operationsOf({ paths }: Reference): Operation[] {
  const ajv = new Ajv({ validateFormats: false, strict: false })
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, documented]): Operation => {
      const { parameters = [], requestBody, security = [], responses } = documented
      const content = requestBody?.content ?? {}
      const answers = Object.entries(responses).map(([status, { content = {} }]) => {
        const types = Object.entries(content).map(([type, { schema }]) => {
          return [type, type === 'application/json' && schema ? ajv.compile(schema) : undefined] as const
        })
        return [Number(status), new Map(types)] as const
      })
      return {
        method: method.toUpperCase(),
        url: path.replace(/\{(\w+)\}/g, ':$1'),
        query: parameters.filter((each) => each.in === 'query').map(({ name }) => name),
        body: content['application/json']?.schema,
        takesForm: 'multipart/form-data' in content,
        // Whoami's sign-in wants a ticket, and nobody who is signed in.
        signedIn: security.some((way) => Object.keys(way).some((name) => name !== 'csrfTicket')),
        answers: new Map(answers),
      }
    }),
  )
}
