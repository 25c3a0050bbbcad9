import type { Encoded } from './encoding.ts'
import type { Answer, Derivable, Job } from './thread.mjs'
import { makeThreads } from './threads.ts'

// For the whole process: a hasher more does not mean threads more while the others are idle.
const onThread = makeThreads<Job, Answer>(new URL('./thread.mjs', import.meta.url))

/** Whether the password is the one that was hashed. */
export async function matches(password: string, encoded: Encoded): Promise<boolean> {
  return (await onThread({ ask: 'matches', password, encoded })) === true
}

/** As many bytes as the digest beside it has. */
export async function derive(password: string, encoded: Derivable): Promise<Buffer> {
  return Buffer.from((await onThread({ ask: 'derive', password, encoded })) as Uint8Array)
}
