import type { CustomerId } from '../kernel/ids.ts'
import type { MediaName } from '../media/index.ts'
import type { Avatar } from './avatar/index.ts'
import type { ProfileText } from './profile-texts.ts'

/** A customer as the contracts show one. Texts that were never given are empty. */
export interface Customer {
  readonly id: CustomerId
  readonly username: string
  readonly email: string
  readonly firstName: string
  readonly lastName: string
  readonly patronymic: string
  readonly phone: string
  readonly city: string
  readonly address: string
  /** The name of its file in the media store. */
  readonly avatar: MediaName | ''
  readonly joinedAt: Date
}

/** What a customer may change of themselves; what is left out stays as it is. */
export type ProfileChange = Partial<Pick<Customer, ProfileText>> & {
  /** Null takes it away. */
  readonly avatar?: Avatar | null | undefined
}

/** The columns of a {@link Customer}, from the table under the alias `c`. */
export const CUSTOMER_COLUMNS = `c.id, c.username, c.email, c.first_name as "firstName", c.last_name as "lastName",
  c.patronymic, c.phone, c.city, c.address, c.avatar, c.joined_at as "joinedAt"`
