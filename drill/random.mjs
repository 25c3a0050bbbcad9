// Chance that can be had again: the same seed, the same draws.

/** @param {number} seed */
export function makeRandom(seed) {
  let state = seed >>> 0
  /** From 0 to below 1 (mulberry32). */
  function next() {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    next,
    /** A whole number, both ends included. */
    between: (/** @type {number} */ low, /** @type {number} */ high) => low + Math.floor(next() * (high - low + 1)),
    /** @template T @param {readonly T[]} things */
    oneOf: (things) => /** @type {T} */ (things[Math.floor(next() * things.length)]),
    /** Somebody else's chance, so that their haste does not change ours. */
    fork: () => makeRandom(Math.floor(next() * 2 ** 32)),
  }
}
