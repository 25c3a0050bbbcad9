export { isOutdated, maskHash, parseEncoded } from './encoding.ts'
export { type Hasher, type HasherOptions, makeHasher, type Verified } from './hasher.ts'
export { decidePassword, PASSWORD_LENGTH_MAX, type PasswordPerson, type PasswordPolicy } from './policy.ts'
export { makeStandInPoint, type StandInPoint } from './stand-in.ts'
