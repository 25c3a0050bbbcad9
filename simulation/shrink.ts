/**
 * Leaves steps out as long as what is left still fails, and so finds a short list: halves first, then smaller and smaller
 * parts, down to single steps (Zeller's delta debugging). fast-check's commands would do it, too, one run after another; but
 * its list is drawn anew from a seed and a path, which is nothing to keep in a file, and it shrinks from the front only.
 *
 * @param fails whether these steps still do
 * @param triesMax so often it is tried
 */
export async function shrink<T>(
  steps: readonly T[],
  fails: (steps: readonly T[]) => Promise<boolean>,
  triesMax: number,
): Promise<readonly T[]> {
  let left = steps
  let tries = 0
  for (let size = Math.ceil(left.length / 2); left.length > 0; ) {
    let isShorter = false
    for (let from = Math.max(0, left.length - size); ; from = Math.max(0, from - size)) {
      if (tries++ >= triesMax) return left
      const fewer = [...left.slice(0, from), ...left.slice(from + size)]
      if (fewer.length < left.length && (await fails(fewer))) {
        left = fewer
        isShorter = true
      }
      if (from === 0) break
    }
    if (size === 1 && !isShorter) break
    size = Math.ceil(size / 2)
  }
  return left
}
