import fs from 'node:fs'
import path from 'node:path'
import type { Order } from './order.ts'

/** One line of the journal: what is so from now on. */
export interface Entry {
  readonly order?: Order
  readonly deadToken?: string
  readonly advancedSeconds?: number
}

/** Where changes go; without a file they are kept in memory only. */
export interface Journal {
  append(entry: Entry): void
  close(): void
}

export const NO_JOURNAL: Journal = { append: () => {}, close: () => {} }

/**
 * Reads what was written, in its order. A last line without its end was torn by a crash and is left out; the call that
 * wrote it was never answered.
 *
 * @throws Error for a file that is no journal
 */
export function readJournal(file: string): Entry[] {
  if (!fs.existsSync(file)) return []
  const lines = fs.readFileSync(file, 'utf8').split('\n')
  lines.pop()
  return lines.map((line, index) => {
    try {
      const entry: unknown = JSON.parse(line)
      if (typeof entry === 'object' && entry !== null) return entry as Entry
    } catch {}
    throw new Error(`${file}, line ${index + 1}: this is not a payu-simulator's journal, or it is damaged`)
  })
}

/**
 * Opens the journal for appending, beginning it anew with `entries`: history is not needed, the last word is. Each
 * entry is with the operating system before `append` returns, so that a killed process loses none.
 */
export function openJournal(file: string, entries: readonly Entry[]): Journal {
  fs.mkdirSync(path.dirname(file), { recursive: true })
  const fresh = `${file}.new`
  fs.rmSync(fresh, { force: true })
  const draft = fs.openSync(fresh, 'wx', 0o600)
  for (const entry of entries) fs.writeSync(draft, lineOf(entry))
  fs.fsyncSync(draft)
  fs.closeSync(draft)
  fs.renameSync(fresh, file)
  const descriptor = fs.openSync(file, 'a', 0o600)
  return {
    append: (entry) => void fs.writeSync(descriptor, lineOf(entry)),
    close: () => fs.closeSync(descriptor),
  }
}

const lineOf = (entry: Entry): string => `${JSON.stringify(entry)}\n`
