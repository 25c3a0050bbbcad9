export {
  type AccountMailContext,
  type EmailVerification,
  findEmailToConfirm,
  findResetOwner,
  forgetExpiredTokens,
  getEmailVerification,
  type Letterhead,
  type NewEmail,
  requestEmailVerification,
  requestPasswordReset,
  resetPassword,
  verifyEmail,
} from './account-tokens/index.ts'
export {
  AVATAR_BYTES_MAX,
  type Avatar,
  type AvatarIntake,
  deleteOrphanAvatars,
  makeAvatarIntake,
  type ReadAvatar,
} from './avatar/index.ts'
export {
  type BlockedCustomer,
  blockCustomer,
  type CustomerFile,
  findCustomerFile,
  unblockCustomer,
} from './blocking/index.ts'
export { type Caller, findCaller, getCaller, getCallerAs, getProfile, notSignedIn } from './caller.ts'
export { type ChangedPassword, changePassword, type PasswordChange } from './change-password.ts'
export { changeProfile } from './change-profile.ts'
export type { Customer, ProfileChange } from './customer.ts'
export {
  type ColumnMap,
  type DjangoImportResult,
  decideColumns,
  importDjango,
} from './import-django/index.ts'
export { type JwtClaims, type JwtProblem, type Jwts, makeJwts } from './jwt.ts'
export { isEmail, isUsername, nameKey } from './names.ts'
export { type Hasher, makeHasher, makeStandInPoint, maskHash, type PasswordPolicy } from './passwords/index.ts'
export { isLines, isOneLine, LENGTH_MAX, type ProfileText } from './profile-texts.ts'
export type { AvatarProblem, IdentityRefusal, NameField, PasswordWeakness } from './refusals.ts'
export { isNameTaken, type RegisterContext, type Registered, type Registration, register } from './register.ts'
export { registerWithoutUsername } from './register-without-username.ts'
export {
  type ListedSession,
  newToken,
  type Presented,
  presentToken,
  type SessionKind,
  type SessionOrigin,
  type SessionTerms,
} from './session.ts'
export { FLUSH_SECONDS, SessionActivity } from './session-activity.ts'
export { endOtherSessions, endSession, listSessions } from './sessions.ts'
export { obtainJwt, type SignedIn, type SignInContext, signIn } from './sign-in.ts'
export { signOut } from './sign-out.ts'
export { forgetThrottling, makeThrottle, type Throttle, UNTHROTTLED } from './throttle/index.ts'
