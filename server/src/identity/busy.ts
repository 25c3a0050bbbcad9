import { Refused } from '../kernel/refused.ts'
import type { IdentityRefusal } from './refusals.ts'

/** To who comes when more passwords are to be hashed, or pictures to be drawn, than the machine can bear. */
export function busy(): Refused<IdentityRefusal> {
  return new Refused<IdentityRefusal>({ code: 'identity.busy', retryAfterSeconds: 1 })
}
