const MINUTE = 60
const HOUR = 60 * MINUTE

/** How long PayU waits before each further attempt, in seconds: counted here from the attempt before. */
export const RETRY_SECONDS: readonly number[] = [
  ...[1, 2, 5, 10, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 9, 12, 15, 18, 21, 24, 36, 48, 60, 72].map((hours) => hours * HOUR),
]

/** The wait after so many attempts; undefined: PayU has given up. */
export const waitAfter = (attempts: number): number | undefined => RETRY_SECONDS[attempts - 1]
