/** A run that has not ended by then hangs: another may begin, since each is safe to run twice at once. */
const RUN_WITHIN_MS = 300_000

/**
 * Runs the work again and again with a pause between; a failure is logged, and the next run tries again. The first run is
 * soon, after a sixtieth of the pause and not before a second: a server that is started again more often than the work is due
 * would never do it.
 *
 * @param seconds from the end of a run to the beginning of the next
 */
export function every(
  seconds: number,
  name: string,
  log: { error(details: object, message: string): void },
  work: () => Promise<void>,
): { stop(): Promise<void> } {
  let running: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout
  let stopped = false
  const wait = (pauseSeconds: number) => {
    timer = setTimeout(() => {
      running = inTime(work())
        .catch((error) => log.error({ err: error, job: name }, 'a job failed; it will be tried again'))
        .finally(() => {
          if (!stopped) wait(seconds)
        })
    }, pauseSeconds * 1_000).unref()
  }
  wait(Math.max(1, seconds / 60))
  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}

async function inTime(run: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('it has not ended in five minutes')), RUN_WITHIN_MS).unref()
  })
  await Promise.race([run, late]).finally(() => clearTimeout(timer))
}
