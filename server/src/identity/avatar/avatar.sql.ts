import type { MediaName } from '../../media/index.ts'
import { statement } from '../../store/statement.ts'

export const listUsedAvatars = statement<[MediaName[]], { avatar: MediaName }>(
  'identity.list-used-avatars',
  `select avatar from customers where avatar = any ($1) and avatar <> ''`,
)
