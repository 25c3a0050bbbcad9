import { LENGTH_MAX, type ProfileText } from '../../identity/index.ts'
import { Type } from './type.ts'

/** What each text of the profile has to be, by its name in validation.ts. */
const FORMATS: Readonly<Record<ProfileText, string>> = {
  username: 'username',
  email: 'email',
  firstName: 'line',
  lastName: 'line',
  patronymic: 'line',
  phone: 'line',
  city: 'line',
  address: 'lines',
}

/** A text of the profile by the rules of identity, which are the same in every contract. */
export function profileText(field: ProfileText, ...examples: string[]) {
  const minLength = field === 'username' || field === 'email' ? { minLength: 1 } : {}
  return Type.String({ format: FORMATS[field], ...minLength, maxLength: LENGTH_MAX[field], examples })
}

/** The same, where null may stand for none. */
export function profileTextOrNull(field: ProfileText, ...examples: string[]) {
  return Type.Unsafe<string | null>({ ...profileText(field, ...examples), type: ['string', 'null'] })
}
