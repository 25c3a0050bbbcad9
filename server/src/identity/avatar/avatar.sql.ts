import type { MediaName } from '../../media/index.ts'
import { statement, statementOne } from '../../store/statement.ts'
import { CUSTOMER_COLUMNS, type Customer } from '../customer.ts'
import type { Presented } from '../session.ts'

/**
 * Gives the caller this avatar, or none, and tells which one it takes the place of. The row is locked before it is read:
 * of several at once, each is told of the one before it.
 */
export const replaceAvatar = statementOne<[Presented, MediaName | ''], Customer & { replaced: MediaName | '' }>(
  'identity.replace-avatar',
  `with before as (
     select c.id, c.avatar from live_session($1) s join customers c on c.id = s.customer_id for update of c
   )
   update customers c set avatar = $2 from before where c.id = before.id
   returning before.avatar as replaced, ${CUSTOMER_COLUMNS}`,
)

export const listUsedAvatars = statement<[MediaName[]], { avatar: MediaName }>(
  'identity.list-used-avatars',
  `select avatar from customers where avatar = any ($1) and avatar <> ''`,
)
