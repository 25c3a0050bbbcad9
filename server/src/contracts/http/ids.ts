import { type Id, isUuid } from '../../kernel/ids.ts'

const NOBODY = '00000000-0000-0000-0000-000000000000'

/**
 * The id in a path. What is no UUID becomes one that names nothing, so that it is answered like any unknown id, in the
 * same place and order.
 */
export function idIn<I extends Id<string>>(text: string): I {
  return (isUuid(text) ? text.toLowerCase() : NOBODY) as I
}
