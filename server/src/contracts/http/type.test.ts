import TypeBox from 'typebox'
import { expect, test } from 'vitest'
import { Type } from './type.ts'

const described = (builders: typeof Type) => {
  const line = builders.Optional(builders.String({ maxLength: 5 }))
  const shared = builders.Integer({ minimum: 1 })
  return [
    builders.Object({ line, other: shared, third: builders.Optional(shared) }, { description: 'some of it required' }),
    builders.Object({ line }),
    builders.Object({}),
    builders.Object({ it: { ...shared } }),
    builders.Array(shared, { maxItems: 3 }),
    builders.Union([line, builders.Null()], { description: 'either' }),
    builders.Record(builders.String(), builders.Unknown()),
    builders.Literal('word'),
    builders.Literal(0),
    builders.Boolean({ description: 'yes or no' }),
    builders.Number({ examples: [1.5] }),
    builders.Unsafe<'a' | null>({ type: ['string', 'null'], enum: ['a', null] }),
  ]
}

test('the schemas are those that TypeBox makes', () => {
  expect(described(Type).map((schema) => JSON.stringify(schema))).toEqual(
    described(TypeBox).map((schema) => JSON.stringify(schema)),
  )
})
