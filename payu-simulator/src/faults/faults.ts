import type { Call, CallFault, Fault, FaultKind, FaultOptions, NotificationFault, RefundFault } from './fault.ts'
import { readFault } from './read-fault.ts'

/** A fault that is switched on. */
export interface SetFault {
  readonly id: number
  readonly fault: Fault
  /** How many matches it has left; undefined: no end. */
  readonly left: number | undefined
}

type Of<K extends FaultKind> = Extract<Fault, { kind: K }>

/** The switches. All that match something are used at once, and each counts it. */
export class Faults {
  #set: SetFault[] = []
  #lastId = 0

  /**
   * Switches a fault on.
   *
   * @returns the id to remove it by
   * @throws RangeError for a fault that cannot be
   */
  add(wanted: FaultOptions): number {
    const fault = readFault(wanted)
    const id = ++this.#lastId
    this.#set.push({ id, fault, left: fault.times })
    return id
  }

  /** Those that are on, the oldest first. */
  list(): readonly SetFault[] {
    return [...this.#set]
  }

  /** @returns whether it was on */
  remove(id: number): boolean {
    const before = this.#set.length
    this.#set = this.#set.filter((set) => set.id !== id)
    return this.#set.length < before
  }

  clear(): void {
    this.#set = []
  }

  /** @internal */
  takeForCall(call: Call): CallFault[] {
    return this.#take(['error', 'cut', 'slow'], ({ on }) => on === 'any' || on === call)
  }

  /** @internal */
  takeForNotification(about: 'order' | 'refund', status: string, kinds = NOTIFICATION_KINDS): NotificationFault[] {
    return this.#take(
      kinds,
      (fault) => (!fault.about || fault.about === about) && (!fault.status || fault.status === status),
    )
  }

  /** @internal */
  takeForRefund<K extends RefundFault['kind']>(kind: K): Of<K> | undefined {
    return this.#take([kind], () => true)[0]
  }

  #take<K extends FaultKind>(kinds: readonly K[], matches: (fault: Of<K>) => boolean): Of<K>[] {
    const isMeant = ({ fault }: SetFault) => kinds.includes(fault.kind as K) && matches(fault as Of<K>)
    const taken = this.#set.filter(isMeant)
    this.#set = this.#set
      .map((set) => (taken.includes(set) && set.left !== undefined ? { ...set, left: set.left - 1 } : set))
      .filter(({ left }) => left !== 0)
    return taken.map(({ fault }) => fault as Of<K>)
  }
}

const NOTIFICATION_KINDS: readonly NotificationFault['kind'][] = [
  'duplicate',
  'parallel',
  'reorder',
  'silence',
  'wrong-amount',
  'bad-signature',
  'delay',
  'algorithm',
]
