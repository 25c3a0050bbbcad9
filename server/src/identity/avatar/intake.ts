import type { Readable } from 'node:stream'
import type { CustomerId } from '../../kernel/ids.ts'
import { makeTurnstile } from '../../kernel/turnstile.ts'
import { busy } from '../busy.ts'
import { networkOf } from '../throttle/network.ts'
import { makeUnderWay } from '../throttle/under-way.ts'
import { collectPicture } from './collect-picture.ts'
import { type Avatar, drawAvatar } from './draw-avatar.ts'

/** Who sends a picture, and from where. */
export interface Sender {
  readonly customerId: CustomerId
  readonly address: string
}

/**
 * Makes an avatar of an uploaded file, whatever it is called and said to be: PNG, JPEG, WebP or GIF, of which it takes
 * the middle of the first picture, the right way up. Nothing is written anywhere.
 *
 * @param source read to its end, or until it is known to be no picture; what is left of it then is the caller's
 * @throws identity.bad-avatar, identity.busy
 * @see docs/contracts/README.md, Accounts
 */
export type ReadAvatar = (source: Readable) => Promise<Avatar>

/** Takes customers' pictures in; one for the whole process, since it is what bounds their cost. */
export interface AvatarIntake {
  /**
   * Gives the sender a place for as long as the work lasts, which reads what is sent.
   *
   * @throws identity.too-many-tries at once, when the sender or the address has all the places one may have
   */
  admit<T>(sender: Sender, work: (readAvatar: ReadAvatar) => Promise<T>): Promise<T>
  /** Of pictures that are coming in, wait for their turn or are drawn. */
  bytesHeld(): number
}

/** Places one may have at once. A second one: what a lost connection has left behind ends only when its time is up. */
const PLACES_OF_CUSTOMER = 2
const PLACES_AT_ADDRESS = 8
/** Of all pictures together, before they are drawn. */
const BYTES_HELD_MAX = 64 * 1_024 * 1_024
/**
 * One is drawn at a time: the worst within the limits takes two seconds and 400 MB, a photograph a tenth of that. Three
 * addresses that do their worst have not taken all the places to wait.
 */
const WAITING_MAX = 24

export function makeAvatarIntake(): AvatarIntake {
  const inTurn = makeTurnstile({ places: 1, queueMax: WAITING_MAX, busy })
  const ofCustomer = makeUnderWay(PLACES_OF_CUSTOMER)
  const atAddress = makeUnderWay(PLACES_AT_ADDRESS)
  let bytesHeld = 0

  async function readAvatar(source: Readable): Promise<Avatar> {
    let own = 0
    function hold(bytes: number): void {
      if (bytesHeld + bytes > BYTES_HELD_MAX) throw busy()
      own += bytes
      bytesHeld += bytes
    }
    try {
      const picture = await collectPicture(source, hold)
      return await inTurn(() => drawAvatar(picture))
    } finally {
      bytesHeld -= own
    }
  }

  return {
    admit: ({ customerId, address }, work) =>
      ofCustomer(customerId, () => atAddress(networkOf(address), () => work(readAvatar))),
    bytesHeld: () => bytesHeld,
  }
}
