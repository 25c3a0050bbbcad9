import { FIRST_ID, type Id, isUuid } from '../../kernel/ids.ts'

/**
 * The id in a path. What is no UUID becomes one that names nothing, so that it is answered like any unknown id, in the
 * same place and order.
 */
export function idIn<I extends Id<string>>(text: string): I {
  return (isUuid(text) ? text.toLowerCase() : FIRST_ID) as I
}
