// What processes use, read from /proc: on Linux only, undefined elsewhere.
import { readdirSync, readFileSync } from 'node:fs'

const TICK_MS = 10

/** CPU milliseconds of the processes and all they started, so far. */
export function cpuMsOf(pids) {
  const stats = allStats()
  if (!stats) return undefined
  const counted = new Set(pids)
  for (let grew = true; grew; ) {
    grew = false
    for (const [pid, { parent }] of stats) {
      if (counted.has(pid) || !counted.has(parent)) continue
      counted.add(pid)
      grew = true
    }
  }
  return [...counted].reduce((sum, pid) => sum + (stats.get(pid)?.cpuMs ?? 0), 0)
}

/** Resident memory of the processes themselves, in MiB. */
export function memoryMibOf(pids) {
  try {
    const kib = pids.map((pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0))
    return Math.round(kib.reduce((sum, each) => sum + each, 0) / 1_024)
  } catch {
    return undefined
  }
}

function allStats() {
  try {
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
    return new Map(pids.map((pid) => [Number(pid), statOf(pid)]).filter(([, stat]) => stat))
  } catch {
    return undefined
  }
}

/** Of the process and of its children that have ended. */
function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0)
    return { parent: Number(fields[1]), cpuMs: ticks * TICK_MS }
  } catch {
    return undefined
  }
}
