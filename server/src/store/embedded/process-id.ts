import fs from 'node:fs'
import { codeOf } from './error.ts'

/** Whether the process still does anything. A zombie is dead: only its parent has not looked yet. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return codeOf(error) === 'EPERM' // somebody else's
  }
  return !isZombie(pid)
}

function isZombie(pid: number): boolean {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8')
    return /^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2)) // behind the name, which may hold anything
  } catch {
    return false // no /proc on this system
  }
}
