/** Shorter parts of a name say nothing: half of all passwords contain "jan". */
const PART_LENGTH_MIN = 4
/** As in Django's UserAttributeSimilarityValidator. */
const LIKENESS_MAX = 0.7

/**
 * Whether the password gives the name away: it contains the name or a part of it, is contained in it, or is made of
 * nearly the same letters. Case does not count.
 */
export function isLike(password: string, name: string): boolean {
  const secret = fold(password)
  return partsOf(fold(name)).some(
    (part) => secret.includes(part) || sharedLetters(secret, part) >= LIKENESS_MAX || isPartOf(secret, part),
  )
}

function isPartOf(secret: string, part: string): boolean {
  return secret.length >= PART_LENGTH_MIN && part.includes(secret)
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}

function partsOf(name: string): string[] {
  return [name, ...name.split(/[^\p{L}\p{N}]+/u)].filter((part) => part.length >= PART_LENGTH_MIN)
}

/** From 0 to 1: the letters both have, in whatever order, against all letters of both. */
function sharedLetters(one: string, other: string): number {
  const left = new Map<string, number>()
  for (const letter of one) left.set(letter, (left.get(letter) ?? 0) + 1)
  let shared = 0
  for (const letter of other) {
    const count = left.get(letter) ?? 0
    if (count > 0) shared += 1
    left.set(letter, count - 1)
  }
  return (2 * shared) / (one.length + other.length)
}
