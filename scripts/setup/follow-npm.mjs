/**
 * Ends us with npm. Who stops `npm start` with SIGTERM reaches npm and the shell between it and us, not us: only our
 * parent is another one then. Whoever handles signals hears SIGTERM, but not twice if they have heard one already.
 */
export function followNpm() {
  if (!process.env.npm_lifecycle_event) return
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    process.kill(process.pid, 'SIGTERM')
  }, 100).unref()

  // Ours come with the program's own listeners and not before: until then a signal ends the process, as it should.
  const ends = new Set(['SIGINT', 'SIGTERM'])
  process.on('newListener', (event) => {
    if (ends.delete(event)) process.once(event, () => clearInterval(watch))
  })
}
