export { deleteOrphanAvatars } from './delete-orphans.ts'
export { AVATAR_BYTES_MAX, AVATAR_PIXELS_MAX, AVATAR_SIDE_MAX, type Avatar, readAvatar } from './read-avatar.ts'
export { removeAvatar, setAvatar } from './set-avatar.ts'
