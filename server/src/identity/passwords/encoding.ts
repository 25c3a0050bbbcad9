/** A password's hash, read from Django's encoding and found bearable to compute. */
export type Encoded =
  | {
      algorithm: 'argon2'
      variety: Argon2Variety
      version: 16 | 19
      memoryKib: number
      passes: number
      lanes: number
      salt: Buffer
      digest: Buffer
    }
  | { algorithm: 'pbkdf2_sha256'; rounds: number; salt: Buffer; digest: Buffer }
  | { algorithm: 'scrypt'; cost: number; blockSize: number; lanes: number; salt: Buffer; digest: Buffer }
  | { algorithm: 'bcrypt_sha256'; modularCrypt: string }

export type Argon2Variety = 'argon2d' | 'argon2i' | 'argon2id'

/** What new hashes are made with; see docs/contracts/README.md, Passwords. */
export const CURRENT = { memoryKib: 19_456, passes: 2, lanes: 1, digestBytes: 32 } as const
/** What every hash that is made here today begins with. */
const CURRENT_PREFIX = `argon2$argon2id$v=19$m=${CURRENT.memoryKib},t=${CURRENT.passes},p=${CURRENT.lanes}$`

/**
 * The dearest hashes we compute. A row that was moved in may say what it likes; one sign-in never costs more than about
 * a second of one core and 128 MiB. Each stands well above what any Django up to 6.0 makes by default.
 */
const LIMITS = {
  /** Django 6.0 makes 1,200,000. */
  pbkdf2Rounds: 5_000_000,
  /** Django makes 12; each step doubles. */
  bcryptCost: 14,
  memoryKib: 131_072,
  /** Memory times passes; Django makes 102,400 KiB × 2. */
  argon2KibPasses: 1_048_576,
  /** N · r · p; Django makes 16,384 · 8 · 5. */
  scryptWork: 2_097_152,
  scryptBlockSize: 32,
  scryptLanes: 16,
}

const BASE64 = '[A-Za-z0-9+/]'
const PBKDF2 = new RegExp(`^pbkdf2_sha256\\$([1-9]\\d{0,9})\\$([^$]{1,128})\\$(${BASE64}{43}=)$`)
const SCRYPT = new RegExp(
  `^scrypt\\$([1-9]\\d{0,9})\\$([^$]{1,128})\\$([1-9]\\d{0,3})\\$([1-9]\\d{0,3})\\$(${BASE64}{86}==)$`,
)
const BCRYPT = /^bcrypt_sha256\$(\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53})$/
// Before version 19 the version was not written. Salt and digest carry no padding; salts have 8 bytes or more.
const ARGON2 = new RegExp(
  `^argon2\\$(argon2(?:id|i|d))\\$(?:v=(16|19)\\$)?m=([1-9]\\d{0,9}),t=([1-9]\\d{0,9}),p=([1-9]\\d{0,2})\\$(${BASE64}{11,171})\\$(${BASE64}{22,86})$`,
)

/** Undefined for what is no encoding of ours, and for hashes too dear to compute. */
export function parseEncoded(encoded: string): Encoded | undefined {
  switch (encoded.slice(0, encoded.indexOf('$'))) {
    case 'argon2':
      return parseArgon2(encoded)
    case 'pbkdf2_sha256':
      return parsePbkdf2(encoded)
    case 'scrypt':
      return parseScrypt(encoded)
    case 'bcrypt_sha256':
      return parseBcrypt(encoded)
    default:
      return undefined
  }
}

function parseArgon2(encoded: string): Encoded | undefined {
  const [, variety, version = '16', m, t, p, salt, digest] = ARGON2.exec(encoded) ?? []
  if (!salt || !digest) return undefined
  const [memoryKib, passes, lanes] = [Number(m), Number(t), Number(p)]
  if (lanes > 255 || memoryKib < 8 * lanes) return undefined
  if (memoryKib > LIMITS.memoryKib || memoryKib * passes > LIMITS.argon2KibPasses) return undefined
  return {
    algorithm: 'argon2',
    variety: variety as Argon2Variety,
    version: Number(version) as 16 | 19,
    memoryKib,
    passes,
    lanes,
    salt: Buffer.from(salt, 'base64'),
    digest: Buffer.from(digest, 'base64'),
  }
}

function parsePbkdf2(encoded: string): Encoded | undefined {
  const [, rounds, salt, digest] = PBKDF2.exec(encoded) ?? []
  if (!salt || !digest || Number(rounds) > LIMITS.pbkdf2Rounds) return undefined
  return {
    algorithm: 'pbkdf2_sha256',
    rounds: Number(rounds),
    salt: Buffer.from(salt),
    digest: Buffer.from(digest, 'base64'),
  }
}

function parseScrypt(encoded: string): Encoded | undefined {
  const [, n, salt, r, p, digest] = SCRYPT.exec(encoded) ?? []
  if (!salt || !digest) return undefined
  const [cost, blockSize, lanes] = [Number(n), Number(r), Number(p)]
  if (cost < 2 || !Number.isInteger(Math.log2(cost))) return undefined
  if (blockSize > LIMITS.scryptBlockSize || lanes > LIMITS.scryptLanes) return undefined
  if ((cost * blockSize) / 8 > LIMITS.memoryKib || cost * blockSize * lanes > LIMITS.scryptWork) return undefined
  return { algorithm: 'scrypt', cost, blockSize, lanes, salt: Buffer.from(salt), digest: Buffer.from(digest, 'base64') }
}

function parseBcrypt(encoded: string): Encoded | undefined {
  const [, modularCrypt, cost] = BCRYPT.exec(encoded) ?? []
  if (!modularCrypt || Number(cost) < 4 || Number(cost) > LIMITS.bcryptCost) return undefined
  return { algorithm: 'bcrypt_sha256', modularCrypt }
}

/** Writes a hash of the current parameters the way Django does: base64 without padding. */
export function encodeCurrent(salt: Buffer, digest: Buffer): string {
  return CURRENT_PREFIX + [salt, digest].map((bytes) => bytes.toString('base64').replace(/=+$/, '')).join('$')
}

/** Whether the hash should be made anew at the next chance: any other algorithm, any other parameters. */
export function isOutdated(encoded: string): boolean {
  return !encoded.startsWith(CURRENT_PREFIX)
}

// Which of the parts between the dollar signs are secret; bcrypt writes salt and digest in one.
const SECRET_PARTS: Readonly<Record<string, { of: number; secret: readonly number[] }>> = {
  pbkdf2_sha256: { of: 4, secret: [2, 3] },
  scrypt: { of: 6, secret: [2, 5] },
  bcrypt_sha256: { of: 5, secret: [4] },
  argon2: { of: 6, secret: [4, 5] },
}

/**
 * The hash as it may leave the building: algorithm and parameters in their places, every character of salt and digest an
 * asterisk. Nothing of an encoding that is not known is shown.
 */
export function maskHash(encoded: string): string {
  const parts = encoded.split('$')
  const layout = SECRET_PARTS[parts[0] ?? '']
  if (!layout || parts.length !== layout.of) return '********'
  return parts.map((part, index) => (layout.secret.includes(index) ? '*'.repeat(part.length) : part)).join('$')
}
