/** Lets work through when there is a place for it, in the order it came. */
export type Turnstile = <T>(work: () => Promise<T>) => Promise<T>

export interface TurnstileOptions {
  /** Works that run at once. */
  readonly places: number
  /** Works that wait for their turn. */
  readonly queueMax: number
  /** What to throw at who finds the queue full. */
  readonly busy: () => Error
}

/** Who comes to a full queue is sent away at once: kinder than an answer that comes after the client has given up. */
export function makeTurnstile({ places, queueMax, busy }: TurnstileOptions): Turnstile {
  const queue: (() => void)[] = []
  let free = places

  return async (work) => {
    if (free > 0) free -= 1
    else if (queue.length < queueMax) await new Promise<void>((admit) => queue.push(admit))
    else throw busy()
    try {
      return await work()
    } finally {
      // The place goes to the next in the queue without ever being free, so that nobody jumps in.
      const admitNext = queue.shift()
      if (admitNext) admitNext()
      else free += 1
    }
  }
}
