export interface ClockOptions {
  /** Waits, and nothing else, are divided by it. */
  readonly timeScale: number
  readonly advancedSeconds: number
  /** Time stands still but for `advance`. */
  readonly isStanding: boolean
}

/** The simulator's time: the machine's, moved forward by `advance`. */
export class Clock {
  readonly timeScale: number
  readonly #standsAt: number | undefined
  #advancedMs: number

  constructor({ timeScale, advancedSeconds, isStanding }: ClockOptions) {
    if (!(timeScale > 0)) throw new RangeError('timeScale must be above 0')
    this.timeScale = timeScale
    this.#standsAt = isStanding ? Date.now() : undefined
    this.#advancedMs = advancedSeconds * 1000
  }

  /** In milliseconds, as Date.now(). */
  now(): number {
    return (this.#standsAt ?? Date.now()) + this.#advancedMs
  }

  /** When something is due that PayU does so many seconds after a moment. */
  after(seconds: number, since = this.now()): number {
    return since + (seconds * 1000) / this.timeScale
  }

  advance(seconds: number): void {
    if (!(seconds >= 0)) throw new RangeError('time goes forward only')
    this.#advancedMs += seconds * 1000
  }

  get advancedSeconds(): number {
    return this.#advancedMs / 1000
  }
}

const WARSAW = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/Warsaw',
  dateStyle: 'short',
  timeStyle: 'medium',
})

/** A moment as PayU writes it: `2026-01-11T12:00:00.000+01:00`, in Warsaw's time. */
export function warsawTime(ms: number): string {
  const offsetMinutes = warsawOffsetMinutes(ms)
  const local = new Date(ms + offsetMinutes * 60_000).toISOString().slice(0, -1)
  return `${local}+${String(offsetMinutes / 60).padStart(2, '0')}:00`
}

/** Warsaw's clock less UTC's: 60 in winter, 120 in summer. */
function warsawOffsetMinutes(ms: number): number {
  const hourThere = Number(WARSAW.formatToParts(ms).find((part) => part.type === 'hour')?.value)
  return (hourThere - new Date(ms).getUTCHours() + 24) % 24 === 2 ? 120 : 60
}
