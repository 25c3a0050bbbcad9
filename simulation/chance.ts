import { makeRandom as make } from '../drill/random.mjs'

/** Chance that can be had again: the same seed, the same draws. */
export interface Random {
  /** From 0 to below 1. */
  next(): number
  /** A whole number, both ends included. */
  between(low: number, high: number): number
  oneOf<T>(things: readonly T[]): T
  fork(): Random
}

export const makeRandom = (seed: number): Random => make(seed) as Random
