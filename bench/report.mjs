// The figures as a table for people and as a picture; ratios against the ceiling, round by round, and their median.
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { ROOT } from '../scripts/setup/root.mjs'
import { drawBars } from './picture.mjs'

/**
 * @param {{ ceiling: object[], ours: object[], signIn: object, memoryMib?: number, starts: object, workers: number }} figures
 *   rounds of both
 * @param {{ write: boolean, postgres: string }} terms `write`: into docs/, where docs/performance.md shows them
 */
export function report(figures, { write, postgres }) {
  const rows = rowsOf(figures)
  const table = [
    `| | ceiling | Tradepost | ratio, median (lowest–highest) | target |`,
    '|---|---|---|---|---|',
    ...rows.map(
      ({ what, ceiling, ours, ratio, target }) => `| ${what} | ${ceiling} | ${ours} | ${ratio} | ${target} |`,
    ),
  ].join('\n')
  console.log(table)
  const errors = [...figures.ceiling, ...figures.ours].reduce(
    (sum, it) => sum + it.profile.errors + it.purchase.errors,
    0,
  )
  console.log(errors === 0 ? '\nNo request failed.' : `\n${errors} requests failed: the figures are worth nothing.`)
  if (errors > 0) process.exitCode = 1
  if (!write) return
  const docs = path.join(ROOT, 'docs/performance')
  mkdirSync(docs, { recursive: true })
  const day = new Date().toISOString().slice(0, 10)
  writeFileSync(path.join(docs, 'against-the-ceiling.md'), `Measured on ${day}, ${postgres}.\n\n${table}\n`)
  writeFileSync(path.join(docs, 'against-the-ceiling.svg'), drawBars(rows.filter((row) => row.bar !== undefined)))
}

function rowsOf({ ceiling, ours, signIn, memoryMib, starts, workers }) {
  const ratiosOf = (of) => ours.map((it, round) => of(it) / of(ceiling[round]))
  const row = (what, of, target, digits) => {
    const ratios = ratiosOf(of)
    return {
      what,
      ceiling: number(median(ceiling.map(of)), digits),
      ours: number(median(ours.map(of)), digits),
      ratio: `${number(median(ratios), 2)} (${number(Math.min(...ratios), 2)}–${number(Math.max(...ratios), 2)})`,
      target,
      bar: median(ratios),
    }
  }
  const { hashes, signIns, quiet, flooded } = signIn
  const hasCpu = ours.every((it) => it.purchase.cpuMsEach !== undefined)
  return [
    row('profile requests/s', (it) => it.profile.perSecond, '≥ 0.85', 0),
    row('purchases/s', (it) => it.purchase.perSecond, '≥ 0.85', 0),
    ...(hasCpu ? [row('CPU ms a purchase, server and database', (it) => it.purchase.cpuMsEach, '≤ 1.20', 2)] : []),
    { ...row('profile, p99 ms', (it) => it.profile.p99, '', 1), bar: undefined },
    { ...row('purchase, p99 ms', (it) => it.purchase.p99, '', 1), bar: undefined },
    {
      what: 'sign-ins/s, against the hashing alone',
      ceiling: number(hashes, 0),
      ours: number(signIns.perSecond, 0),
      ratio: number(signIns.perSecond / hashes, 2),
      target: '≥ 0.95',
      bar: signIns.perSecond / hashes,
    },
    {
      what: 'profile p99 ms during a flood of sign-ins, against quiet',
      ceiling: number(quiet.p99, 1),
      ours: number(flooded.p99, 1),
      ratio: number(flooded.p99 / quiet.p99, 2),
      target: '≤ 2.00',
    },
    ...[
      ['on an external database', starts.external, '≤ 500'],
      ['on existing embedded data', starts.embedded, '≤ 1,000'],
    ].map(([where, readyMs, target]) => ({
      what: `ready after start ${where}, ms`,
      ceiling: '',
      ours: number(median(readyMs), 0),
      ratio: '',
      target,
    })),
    ...(memoryMib === undefined
      ? []
      : [
          {
            what: 'memory after the run, server, MiB',
            ceiling: '',
            ours: memoryMib,
            ratio: '',
            target: `≤ ${150 * workers}`,
          },
        ]),
  ]
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

function number(value, digits) {
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}
