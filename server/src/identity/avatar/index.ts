export { AVATAR_BYTES_MAX } from './collect-picture.ts'
export { deleteOrphanAvatars } from './delete-orphans.ts'
export type { Avatar } from './draw-avatar.ts'
export { type AvatarIntake, makeAvatarIntake, type ReadAvatar, type Sender } from './intake.ts'
