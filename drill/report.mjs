// What a run came to, in a table.

/**
 * @param {readonly { name: string, rounds: number, backMs?: number[], ledger?: import('./ledger.mjs').Ledger, violations?: string[], note?: string }[]} outcomes
 * @returns {number} the exit code
 */
export function report(outcomes, /** @type {number} */ seed) {
  console.log(`\nseed ${seed}\n`)
  console.log(
    '| drill | rounds | requests | orders | paid at PayU | canceled | asked again with the key | broken, 503, 500 | longest answer | back after, median, longest | violations |',
  )
  console.log('|---|---|---|---|---|---|---|---|---|---|---|')
  let violations = 0
  for (const { name, rounds, backMs = [], ledger, note, ...rest } of outcomes) {
    const found = ledger?.violations ?? rest.violations ?? []
    violations += found.length
    const cells = ledger
      ? [
          ledger.counts.requests,
          ledger.orders.size,
          ledger.count((order) => order.isPaidAtPayu),
          ledger.count((order) => order.isCanceled),
          ledger.counts.replays,
          `${ledger.counts.broken}, ${ledger.counts.refused}, ${ledger.counts.failed}`,
          `${(ledger.slowestMs / 1_000).toFixed(1)} s`,
        ]
      : [note ?? '', '', '', '', '', '', '']
    console.log(`| ${[name, rounds, ...cells, timesOf(backMs), found.length].join(' | ')} |`)
  }
  console.log(
    violations === 0 ? '\nNothing was lost, nothing sold twice, the books balance.' : `\n${violations} violations.`,
  )
  return violations === 0 ? 0 : 1
}

function timesOf(/** @type {number[]} */ backMs) {
  if (backMs.length === 0) return ''
  const sorted = [...backMs].sort((a, b) => a - b)
  const seconds = (/** @type {number | undefined} */ ms) => `${((ms ?? 0) / 1_000).toFixed(1)} s`
  return `${seconds(sorted[Math.floor(sorted.length / 2)])}, ${seconds(sorted.at(-1))}`
}
