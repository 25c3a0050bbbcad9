import { createHash, pbkdf2, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import type { Encoded } from './encoding.ts'

const derivePbkdf2 = promisify(pbkdf2)
const deriveScrypt = promisify<Buffer | string, Buffer, number, object, Buffer>(scrypt)

// The library's constants are ambient enums, which cannot be imported where types are only erased.
const VARIETY = { argon2d: 0, argon2i: 1, argon2id: 2 } as const
const VERSION = { 16: 0, 19: 1 } as const

/** Whether the password is the one that was hashed. All the work is done off the main thread. */
export async function matches(password: string, encoded: Encoded): Promise<boolean> {
  if (encoded.algorithm !== 'bcrypt_sha256') return timingSafeEqual(await derive(password, encoded), encoded.digest)
  // As Django does: bcrypt reads no further than 72 bytes and stops at NUL, so it gets the password's SHA-256 in hex.
  const { verify } = await import('@node-rs/bcrypt') // no start waits for it
  return verify(createHash('sha256').update(password).digest('hex'), encoded.modularCrypt)
}

type Derivable = Exclude<Encoded, { algorithm: 'bcrypt_sha256' }>

/** As many bytes as the digest beside it has. */
export async function derive(password: string, encoded: Derivable): Promise<Buffer> {
  const { salt, digest } = encoded
  switch (encoded.algorithm) {
    case 'argon2': {
      const { hashRaw } = await import('@node-rs/argon2')
      return hashRaw(password, {
        algorithm: VARIETY[encoded.variety],
        version: VERSION[encoded.version],
        memoryCost: encoded.memoryKib,
        timeCost: encoded.passes,
        parallelism: encoded.lanes,
        outputLen: digest.length,
        salt,
      })
    }
    case 'pbkdf2_sha256':
      return derivePbkdf2(password, salt, encoded.rounds, digest.length, 'sha256')
    case 'scrypt': {
      const { cost, blockSize, lanes } = encoded
      // OpenSSL counts its own buffers too; the real bound is the one parseEncoded keeps.
      const maxmem = 256 * blockSize * (cost + lanes)
      return deriveScrypt(password, salt, digest.length, { N: cost, r: blockSize, p: lanes, maxmem })
    }
  }
}
