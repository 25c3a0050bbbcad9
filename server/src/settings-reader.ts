import { isIP } from 'node:net'
import type { Config, Env, Setting } from './config.ts'
import { isEmail } from './identity/index.ts'
import type { MailAddress } from './mail/index.ts'

const PAYU = 'https://secure.payu.com'
// Nobody's money moves there: a laptop with PAYU_… settings has to say so to reach the real one.
const PAYU_SANDBOX = 'https://secure.snd.payu.com'
/** The second keys that PayU prints in its documentation: everybody knows them. */
const PAYU_PRINTED_KEYS: ReadonlySet<string> = new Set([
  'b6ca15b0d1020e8094d9b5f8d163db54',
  '87f410056e1ec5ff64f6bea777a0e694',
  '13a980d4f851f3d9a1cfc792fb1f5e50',
])

/** The first parts of the paths that are not the accounts contract's: served ones, and those that mails lead to. */
const TAKEN_PATHS = [
  'api',
  'docs',
  'forgot-password',
  'health',
  'media',
  'payments',
  'payu',
  'payu-simulator',
  'verify-email',
  'reset-password',
]

/** Reads settings one by one, and gathers what is wrong with them. */
export class Reader {
  readonly problems: string[] = []
  readonly #env: Env

  constructor(env: Env) {
    this.#env = env
  }

  problem(text: string): void {
    this.problems.push(text)
  }

  text(name: Setting, fallback: string): string {
    return this.#env[name]?.trim() || fallback
  }

  matching(name: Setting, pattern: RegExp, fallback: string, wanted: string): string {
    const value = this.text(name, fallback)
    if (!pattern.test(value)) this.problem(`${name}=${value} should be ${wanted}`)
    return value
  }

  integer(name: Setting, fallback: number, min: number, max: number): number {
    const value = this.text(name, String(fallback))
    const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN
    if (number >= min && number <= max) return number
    this.problem(`${name}=${value} should be a whole number from ${min} to ${max}`)
    return fallback
  }

  choice<T extends string>(name: Setting, choices: readonly T[], fallback: T): T {
    const value = this.text(name, fallback)
    const found = choices.find((choice) => choice === value)
    if (!found) this.problem(`${name}=${value} should be one of: ${choices.join(', ')}`)
    return found ?? fallback
  }

  /** Where a contract may be mounted: empty for the root. A path that is served already would end in a riddle later. */
  prefix(name: Setting): string {
    const value = this.matching(name, /^(\/[\w-]+)*$/, '', 'a path such as /accounts')
    const [, first = ''] = value.split('/')
    if (TAKEN_PATHS.includes(first)) this.problem(`${name}=${value} is taken: the shop itself answers at /${first}`)
    return value
  }

  /** Addresses, networks and their names, separated by commas; false when unset. */
  proxies(name: Setting): string | false {
    const value = this.text(name, '')
    const parts = value.split(',').map((part) => part.trim())
    if (value && !parts.every(isNetwork)) {
      this.problem(`${name}=${value} should be addresses or networks, such as 10.0.0.0/8, or loopback`)
    }
    return value ? parts.join(',') : false
  }

  /** All of the S3_… settings or none. */
  s3(): Config['media'] {
    const settings = {
      endpoint: this.url('S3_ENDPOINT', ['http:', 'https:']),
      region: this.text('S3_REGION', ''),
      bucket: this.text('S3_BUCKET', ''),
      accessKey: this.text('S3_ACCESS_KEY', ''),
      secretKey: this.text('S3_SECRET_KEY', ''),
    }
    const names = ['S3_ENDPOINT', 'S3_REGION', 'S3_BUCKET', 'S3_ACCESS_KEY', 'S3_SECRET_KEY'] as const
    const missing = names.filter((name) => !this.text(name, ''))
    if (missing.length === names.length) return undefined
    if (missing.length > 0) this.problem(`Missing: ${missing.join(', ')}; the S3_… settings go together, all or none`)
    return settings
  }

  /** PAYU_POS_ID, PAYU_CLIENT_SECRET and PAYU_SECOND_KEY together, or PayU is not there. None is repeated in a problem. */
  payu(production: boolean): Config['payu'] {
    const posId = this.text('PAYU_POS_ID', '')
    const clientId = this.text('PAYU_CLIENT_ID', posId)
    const clientSecret = this.text('PAYU_CLIENT_SECRET', '')
    const secondKeys = this.text('PAYU_SECOND_KEY', '')
      .split(',')
      .map((key) => key.trim())
      .filter(Boolean)
    const url = this.url('PAYU_URL', production ? ['https:'] : ['https:', 'http:'])
    const blikCode = this.choice('PAYU_BLIK_CODE', ['on', 'off'], 'off') === 'on'

    if (!posId && !clientId && !clientSecret && secondKeys.length === 0) return undefined
    const needed = [
      ['PAYU_POS_ID', posId],
      ['PAYU_CLIENT_SECRET', clientSecret],
      ['PAYU_SECOND_KEY', secondKeys[0]],
    ]
    const missing = needed.filter(([, value]) => !value).map(([name]) => name)
    if (missing.length > 0) this.problem(`Missing: ${missing.join(', ')}; the PAYU_… settings go together, all or none`)
    for (const [name, value] of [
      ['PAYU_POS_ID', posId],
      ['PAYU_CLIENT_ID', clientId],
    ]) {
      if (value && !/^\d{1,18}$/.test(value)) this.problem(`${name} should be a number, as PayU's panel shows it`)
    }
    for (const [name, values] of [
      ['PAYU_CLIENT_SECRET', [clientSecret]],
      ['PAYU_SECOND_KEY', secondKeys],
    ] as const) {
      if (values.some((value) => !/^[\x21-\x7e]*$/.test(value))) {
        this.problem(`${name} holds a character that no key of PayU's has; copy it from PayU's panel again`)
      }
    }
    const { origin, href } = isAddress(url, ['https:', 'http:']) ? new URL(url) : { origin: '', href: '/' }
    if (href !== `${origin}/`) this.problem('PAYU_URL should end with the host, such as https://secure.payu.com')
    // Whoever has these keys can tell that an order was paid; and in the sandbox test cards pay.
    if (production && (origin === PAYU_SANDBOX || secondKeys.some((key) => PAYU_PRINTED_KEYS.has(key)))) {
      this.problem(
        'PAYU_… are those of PayU’s public sandbox: production takes your own POS, at https://secure.payu.com',
      )
    }
    return { posId, clientId, clientSecret, secondKeys, url: origin || (production ? PAYU : PAYU_SANDBOX), blikCode }
  }

  /** `https://shop.example/orders/{order}/paid`; undefined when unset. */
  returnUrl(name: Setting): string | undefined {
    const value = this.text(name, '')
    if (!value) return undefined
    const [host, other] = ['a', 'b'].map((id) => {
      const filled = value.replaceAll('{order}', id)
      return isAddress(filled, ['http:', 'https:']) ? new URL(filled).host : undefined
    })
    if (!value.includes('{order}') || host === undefined || host !== other) {
      this.problem(
        `${name} should be an address with {order} behind its host, such as https://shop.example/paid/{order}`,
      )
    }
    return value
  }

  /** `smtp://user:password@host:587`: what stands behind the host would not be looked at, so it is refused. */
  smtpUrl(name: Setting): string {
    const before = this.problems.length
    const value = this.url(name, ['smtp:', 'smtps:'])
    if (!value || this.problems.length > before) return value
    const { username, password, pathname, search, hash } = new URL(value)
    if (!/^\/?$/.test(pathname) || search || hash) this.problem(`${name} should end with the host and the port`)
    if (!isDecodable(username) || !isDecodable(password)) {
      this.problem(`${name} has a % in its user or password that should be written %25`)
    }
    return value
  }

  /** `shop@shop.example` or `Tent & Trail <shop@shop.example>`; undefined when there is none. */
  mailbox(name: Setting, fallback: string, nameFallback: string): MailAddress | undefined {
    const value = this.text(name, fallback)
    if (!value) return undefined
    const [, called = '', inBrackets] = /^"?([^"<>\p{C}]*?)"?\s*<([^<>]*)>$/u.exec(value) ?? []
    const address = inBrackets ?? value
    if (!isEmail(address)) {
      this.problem(
        `${name}=${value} should be an address, such as shop@shop.example or Tent & Trail <shop@shop.example>`,
      )
    }
    return { name: called || nameFallback, address }
  }

  /** Empty when unset. A bad one is not repeated in the problem: it may hold a password. */
  url(name: Setting, protocols: readonly string[]): string {
    const value = this.text(name, '')
    if (!value) return ''
    if (!isAddress(value, protocols)) {
      this.problem(`${name} should be an address that starts with ${protocols.map((p) => `${p}//`).join(' or ')}`)
    }
    return value
  }
}

function isAddress(text: string, protocols: readonly string[]): boolean {
  try {
    const { protocol, host } = new URL(text)
    return decodeURIComponent(host) !== '' && protocols.includes(protocol)
  } catch {
    return false
  }
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

/** `loopback`, an address, or a network such as `10.0.0.0/8`. */
function isNetwork(text: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(text)) return true
  const [address = '', bits, ...more] = text.split('/')
  const version = isIP(address)
  if (version === 0 || more.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
}
