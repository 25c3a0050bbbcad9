// What a sign-in cannot do without: one verification of a password, with nothing around it.

/** Verifications a second, as many at once as there are shoppers signing in. */
export async function hashesPerSecond({ seconds, atOnce }) {
  const { makeHasher } = await import('../server/dist/identity/index.js')
  const hasher = makeHasher()
  const hash = await hasher.hash('a long enough passphrase')
  const start = performance.now()
  const end = start + seconds * 1_000
  let done = 0
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (performance.now() < end) {
        if (!(await hasher.verify('a long enough passphrase', hash)).matches)
          throw new Error('a right password is wrong')
        done++
      }
    }),
  )
  return (done * 1_000) / (performance.now() - start)
}
