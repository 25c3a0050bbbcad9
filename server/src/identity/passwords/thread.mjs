// @ts-check
// What a hashing thread runs. Plain JavaScript, since Node starts threads by itself, past vitest, and Node 20 cannot load
// TypeScript: so the file is the same for the tests, beside the sources, and in `dist`, where the compiler puts a copy.
import { createHash, pbkdf2Sync, scryptSync, timingSafeEqual } from 'node:crypto'
import { getPriority, setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { hashRawSync } from '@node-rs/argon2'

/** @typedef {import('./encoding.ts').Encoded} Encoded */
/** @typedef {Exclude<Encoded, { algorithm: 'bcrypt_sha256' }>} Derivable */
/** @typedef {{ ask: 'matches', password: string, encoded: Encoded } | { ask: 'derive', password: string, encoded: Derivable }} Job */
/** @typedef {boolean | Uint8Array} Answer */

/**
 * How much nicer than the event loop a hash is. At 10 it gets a tenth of a core that somebody else wants all of, so that
 * others hardly wait for it and sign-ins still come through; at 19 they hardly would. See docs/performance.md, Sign-ins.
 */
const NICER_BY = 10

// The library's constants are ambient enums, which cannot be imported where types are only erased.
const VARIETY = /** @type {const} */ ({ argon2d: 0, argon2i: 1, argon2id: 2 })
const VERSION = /** @type {const} */ ({ 16: 0, 19: 1 })

stepBack()
parentPort?.on('message', async (/** @type {Job} */ job) => parentPort?.postMessage(await answer(job)))

/** On Linux 0 is this thread alone; elsewhere it would be the event loop's too. */
function stepBack() {
  if (process.platform !== 'linux') return
  try {
    setPriority(0, Math.min(19, getPriority(0) + NICER_BY))
  } catch {
    // A sandbox may forbid it: hashes are right at any priority.
  }
}

/** @param {Job} job */
function answer(job) {
  return job.ask === 'matches' ? matches(job.password, job.encoded) : derive(job.password, job.encoded)
}

/**
 * @param {string} password
 * @param {Encoded} encoded
 */
async function matches(password, encoded) {
  if (encoded.algorithm !== 'bcrypt_sha256') return timingSafeEqual(derive(password, encoded), encoded.digest)
  // As Django does: bcrypt reads no further than 72 bytes and stops at NUL, so it gets the password's SHA-256 in hex.
  const { verifySync } = await import('@node-rs/bcrypt') // few shops have such
  return verifySync(createHash('sha256').update(password).digest('hex'), encoded.modularCrypt)
}

/**
 * As many bytes as the digest beside it has.
 *
 * @param {string} password
 * @param {Derivable} encoded
 */
function derive(password, encoded) {
  const { salt, digest } = encoded
  switch (encoded.algorithm) {
    case 'argon2':
      return hashRawSync(password, {
        algorithm: VARIETY[encoded.variety],
        version: VERSION[encoded.version],
        memoryCost: encoded.memoryKib,
        timeCost: encoded.passes,
        parallelism: encoded.lanes,
        outputLen: digest.length,
        salt,
      })
    case 'pbkdf2_sha256':
      return pbkdf2Sync(password, salt, encoded.rounds, digest.length, 'sha256')
    case 'scrypt': {
      const { cost, blockSize, lanes } = encoded
      // OpenSSL counts its own buffers too; the real bound is the one parseEncoded keeps.
      const maxmem = 256 * blockSize * (cost + lanes)
      return scryptSync(password, salt, digest.length, { N: cost, r: blockSize, p: lanes, maxmem })
    }
  }
}
