export { type Caller, findCaller, getCaller, getProfile, notSignedIn } from './caller.ts'
export { changePassword } from './change-password.ts'
export type { Customer, ProfileChange } from './customer.ts'
export { isEmail, isUsername, nameKey } from './names.ts'
export { type Hasher, makeHasher, maskHash, type PasswordPolicy } from './passwords/index.ts'
export type { IdentityRefusal, NameField, PasswordWeakness } from './refusals.ts'
export { isNameTaken, type Registration, register } from './register.ts'
export {
  newToken,
  type Presented,
  presentToken,
  type SessionKind,
  type SessionOrigin,
  type SessionTerms,
} from './session.ts'
export { FLUSH_SECONDS, SessionActivity } from './session-activity.ts'
export { type SignedIn, type SignInContext, signIn } from './sign-in.ts'
export { signOut } from './sign-out.ts'
export { makeThrottle, type Throttle, UNTHROTTLED } from './throttle.ts'
export { updateProfile } from './update-profile.ts'
