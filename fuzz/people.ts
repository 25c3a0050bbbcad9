import type { Answer } from '../test/support/shop-client.ts'

/** Somebody who was served by the shop, and all that was given to them: ids, tokens, names. */
export class Person {
  readonly name: string
  /** The newest last. */
  readonly #things = new Map<string, string[]>()
  /** How many of the steps were theirs since somebody looked after their sessions. */
  stepsAlone = Number.POSITIVE_INFINITY

  constructor(name: string) {
    this.name = name
  }

  give(kind: string, value: string): void {
    const things = this.#things.get(kind) ?? []
    if (things.includes(value)) return
    things.push(value)
    if (things.length > KEPT) things.shift()
    this.#things.set(kind, things)
  }

  /** @param back 0: the newest of them; undefined: there is none at all */
  get(kind: string, back = 0): string | undefined {
    const things = this.#things.get(kind) ?? []
    return things[things.length - 1 - (back % things.length)]
  }
}

const KEPT = 30
/** What shows who asks. */
const CREDENTIALS = new Set(['session', 'access', 'jwt', 'former', 'password', 'mail'])
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi
const SECRETS: readonly string[] = ['customer_uuid', 'order_uuid', 'bucket_uuid', 'session_uuid']
/** Only these are certain to have been one person's for ever. */
const EMAIL = /(?<![\w-])[\w-]{1,40}@fuzz\.example/gi
const BLANK = /\{(own|other|shop|fresh) ([\w-]+) (\d+)\}/g

/**
 * Everybody there is, and what belongs to whom. Requests are written with blanks, such as `{own order_uuid 0}`, `{other
 * bucket_uuid 2}`, `{shop product 1}` and `{fresh name 0}`, and filled in when they are sent: so that a request means the
 * same while it is made smaller.
 */
export class People {
  readonly #present: Person[]
  readonly #owners = new Map<string, Set<Person>>()
  /** What is for all: products, avatars, payments at PayU. */
  readonly shop = new Person('shop')
  #born = 0

  constructor(count: number) {
    this.#present = Array.from({ length: count }, () => this.#bear())
  }

  at(who: number): Person {
    return this.#present[who % this.#present.length] as Person
  }

  /** Somebody new in their place. */
  replace(who: number): Person {
    const person = this.#bear()
    this.#present[who % this.#present.length] = person
    return person
  }

  /** @returns the text without blanks, and everybody whose credential is in it */
  fill(text: string, who: number): { text: string; shown: Person[] } {
    const shown: Person[] = []
    const filled = text.replace(BLANK, (_, whose: string, kind: string, back: string) => {
      if (whose === 'fresh') return `${kind}${++this.#born}`
      const person = whose === 'shop' ? this.shop : this.at(whose === 'own' ? who : who + 1)
      const value = person.get(kind, Number(back))
      if (value !== undefined && CREDENTIALS.has(kind)) shown.push(person)
      return value ?? NOTHING
    })
    return { text: filled, shown }
  }

  /** Keeps what an answer tells the person it was given to. */
  learn(person: Person, { status, body }: Answer, isProfile: boolean): void {
    if (status >= 300) return
    visit(body, (key, value) => {
      if (key === 'avatar') this.shop.give('avatar', value.split('/').at(-1) ?? '')
      const kind = key === 'customer' || (isProfile && key === 'uuid') ? 'customer_uuid' : key
      if (SECRETS.includes(kind) || (isProfile && ['email', 'username'].includes(kind))) this.give(person, kind, value)
    })
  }

  give(person: Person, kind: string, value: string): void {
    person.give(kind, value)
    if (!SECRETS.includes(kind) && !(kind === 'email' && value.match(EMAIL))) return
    if (!this.#owners.has(value.toLowerCase())) this.#owners.set(value.toLowerCase(), new Set([person]))
  }

  /** Who asks with another's credential may tell them what they like: it is the other's from then on, too. */
  share(sent: string, shown: readonly Person[]): void {
    for (const secret of secretsIn(sent)) for (const person of shown) this.#owners.get(secret)?.add(person)
  }

  /**
   * What an answer tells of somebody whose credential was not shown; undefined: nothing.
   *
   * @param said the request's body: what it says itself is told to nobody new
   */
  leakIn(text: string, shown: readonly Person[], said: string): string | undefined {
    const known = new Set(secretsIn(said))
    for (const secret of secretsIn(text).filter((each) => !known.has(each))) {
      const owners = this.#owners.get(secret)
      if (owners && !shown.some((person) => owners.has(person))) return `${secret}, which is ${[...owners][0]?.name}’s`
    }
    return undefined
  }

  #bear(): Person {
    return new Person(`person${++this.#born}`)
  }
}

function secretsIn(text: string): string[] {
  return [...text.matchAll(UUID), ...text.matchAll(EMAIL)].map(([secret]) => secret.toLowerCase())
}

/** An id of nothing. */
const NOTHING = '00000000-0000-4000-8000-000000000000'

function visit(value: unknown, see: (key: string, value: string) => void): void {
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner === 'string') see(key, inner)
    else visit(inner, see)
  }
}
