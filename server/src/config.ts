import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { electronicFormatIBAN, isValidIBAN } from 'ibantools'
import { isEmail, type PasswordPolicy } from './identity/index.ts'
import { isLoopback } from './kernel/ip-address.ts'
import { OperatorError } from './kernel/operator-error.ts'
import type { MailAddress } from './mail/index.ts'

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'

/** Everything the operator may set, read once at the start. The table for people is docs/configuration.md. */
export interface Config {
  readonly production: boolean
  readonly host: string
  readonly port: number
  /** Without a trailing slash; what buyers' browsers are sent back to. */
  readonly publicUrl: string
  readonly dataDir: string
  /** Undefined: the embedded PostgreSQL in `dataDir`. */
  readonly databaseUrl: string | undefined
  /** Of each process. */
  readonly databasePool: number
  /** Server processes that share the port. */
  readonly workers: number
  /** The first one signs; those behind it still verify what they signed once. */
  readonly secretKeys: readonly string[]
  readonly logLevel: LogLevel
  readonly passwordPolicy: PasswordPolicy
  readonly throttle: boolean
  /** Proxies in front of us whose X-Forwarded-… headers are believed: addresses, networks or `loopback`; false: nobody's. */
  readonly trustProxy: string | false
  readonly currency: string
  readonly sessionIdleDays: number
  readonly sessionMaxDays: number
  readonly jwtDays: number
  /** Where the accounts contract is mounted: empty for the root, else with a leading slash. */
  readonly accountsPrefix: string
  /** How long an unpaid order keeps its stock, by the method it is to be paid with. */
  readonly hold: { readonly onlineMinutes: number; readonly transferDays: number }
  /** So many unpaid orders a customer may have at once; undefined: any number. */
  readonly unpaidOrdersMax: number | undefined
  /** Where transfers go; undefined: transfers are not offered. */
  readonly transfer: { readonly iban: string; readonly bic: string; readonly name: string } | undefined
  /** PayU, behind `card` and `payu`; undefined: production does not offer them, a laptop has the simulator. */
  readonly payu:
    | {
        readonly posId: string
        readonly clientId: string
        readonly clientSecret: string
        /** Notifications signed with any of them are believed. */
        readonly secondKeys: readonly string[]
        /** Without a trailing slash. */
        readonly url: string
        /** Whether the POS takes BLIK codes typed in the shop. */
        readonly blikCode: boolean
      }
    | undefined
  /** The shop's own page for buyers who come back from paying, with `{order}` in it; undefined: ours. */
  readonly returnUrl: string | undefined
  /** The S3-compatible store that keeps what customers upload; undefined: it is kept in `dataDir`. */
  readonly media:
    | {
        readonly endpoint: string
        readonly region: string
        readonly bucket: string
        readonly accessKey: string
        readonly secretKey: string
      }
    | undefined
  /** What the shop calls itself in mails. */
  readonly shopName: string
  /** Undefined `smtpUrl`: mails are laid into a folder of `dataDir`, which production has to ask for. */
  readonly mail: { readonly smtpUrl: string | undefined; readonly from: MailAddress }
  /** Whether the simulator stands behind `card` and `payu`. */
  readonly payuSimulator: boolean
  /** Whether customers are mailed about their orders; off where the shop does that by itself. */
  readonly orderMails: boolean
  /** Whether webhooks may be sent to addresses that only our own network has. */
  readonly webhooksMayBePrivate: boolean
  /** Whether an empty database is filled with the demo catalogue and customer. */
  readonly demo: boolean
}

/** All that is wrong with the settings, one line each, in words for the operator. */
export class ConfigError extends OperatorError {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(['These settings must be mended first:', ...problems.map((problem) => `  - ${problem}`)].join('\n'))
    this.problems = problems
  }
}

type Env = Readonly<Record<string, string | undefined>>

/** Every setting there is; the reader knows no other. */
export const SETTINGS = [
  'NODE_ENV',
  'HOST',
  'PORT',
  'PUBLIC_URL',
  'ACCOUNTS_PREFIX',
  'TRUST_PROXY',
  'SECRET_KEY',
  'PASSWORD_POLICY',
  'SESSION_IDLE_DAYS',
  'SESSION_MAX_DAYS',
  'JWT_DAYS',
  'THROTTLE',
  'DATA_DIR',
  'DATABASE_URL',
  'DATABASE_POOL',
  'WORKERS',
  'S3_ENDPOINT',
  'S3_REGION',
  'S3_BUCKET',
  'S3_ACCESS_KEY',
  'S3_SECRET_KEY',
  'LOG_LEVEL',
  'CURRENCY',
  'HOLD_ONLINE_MINUTES',
  'HOLD_TRANSFER_DAYS',
  'UNPAID_ORDERS_MAX',
  'TRANSFER_IBAN',
  'TRANSFER_NAME',
  'TRANSFER_BIC',
  'PAYU_POS_ID',
  'PAYU_CLIENT_ID',
  'PAYU_CLIENT_SECRET',
  'PAYU_SECOND_KEY',
  'PAYU_URL',
  'PAYU_BLIK_CODE',
  'RETURN_URL',
  'SHOP_NAME',
  'SMTP_URL',
  'MAIL_TO_FOLDER',
  'MAIL_FROM',
  'ORDER_MAILS',
  'WEBHOOK_PRIVATE_ADDRESSES',
  'DEMO',
] as const
export type Setting = (typeof SETTINGS)[number]

/** Where `.env` and DATA_DIR are looked for: the checkout that a command belongs to, else the working directory. */
const home = () => process.env.TRADEPOST_HOME ?? process.cwd()

/** The environment over a `.env` file, if there is one. */
export function environment(directory = home()): Env {
  return { ...environmentFile(directory), ...process.env }
}

/** What the `.env` file says, if there is one. */
export function environmentFile(directory = home()): Env {
  const file = join(directory, '.env')
  return existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {}
}

const PAYU = 'https://secure.payu.com'
// Nobody's money moves there: a laptop with PAYU_… settings has to say so to reach the real one.
const PAYU_SANDBOX = 'https://secure.snd.payu.com'
/** The second keys that PayU prints in its documentation: everybody knows them. */
const PAYU_PRINTED_KEYS: ReadonlySet<string> = new Set([
  'b6ca15b0d1020e8094d9b5f8d163db54',
  '87f410056e1ec5ff64f6bea777a0e694',
  '13a980d4f851f3d9a1cfc792fb1f5e50',
])

// A bank's published example; money sent there reaches nobody, so production never falls back on it.
const EXAMPLE_IBAN = 'PL61109010140000071219812874'

/** It takes 60 (store/embedded/create-cluster.ts); commands and what watches over it need some. */
const EMBEDDED_CONNECTIONS_MAX = 50

/** The connections of a process that looks after the workers and answers no requests. */
export const PRIMARY_POOL = 2

/** Running requests get this long when the server is stopped; whatever hangs then is cut off. */
export const FINISH_WITHIN_MS = 10_000

/** So many connections to the database a server may have, all its processes together. */
export function connectionsOf({ workers, databasePool }: Pick<Config, 'workers' | 'databasePool'>): number {
  return workers > 1 ? workers * databasePool + PRIMARY_POOL : databasePool
}

/**
 * Reads the settings; see docs/configuration.md for each of them.
 *
 * @throws ConfigError with every mistake at once
 */
export function readConfig(env: Env = environment()): Config {
  const read = new Reader(env)
  const production = read.choice('NODE_ENV', ['development', 'test', 'production'], 'development') === 'production'
  const host = read.text('HOST', '127.0.0.1')
  const port = read.integer('PORT', 8000, 1, 65_535)
  const dataDir = resolve(home(), read.text('DATA_DIR', './var'))
  const publicUrl = read.url('PUBLIC_URL', ['http:', 'https:'])
  const iban = read.text('TRANSFER_IBAN', production ? '' : EXAMPLE_IBAN)
  const transferName = read.text('TRANSFER_NAME', production ? '' : 'Tradepost Demo')
  const currency = read.matching('CURRENCY', /^[A-Z]{3}$/, 'PLN', 'three capital letters, such as PLN')
  if (/^[A-Z]{3}$/.test(currency) && !hasHundredths(currency)) {
    read.problem(`CURRENCY=${currency} has no hundredths: Tradepost reckons in them`)
  }
  const throttle = read.choice('THROTTLE', ['on', 'off'], 'on') === 'on'
  const demo = read.choice('DEMO', ['on', 'off'], production ? 'off' : 'on') === 'on'
  const secretKeys = read
    .text('SECRET_KEY', '')
    .split(',')
    .map((key) => key.trim())
    .filter(Boolean)

  const shopName = read.matching('SHOP_NAME', /^[^\p{C}]{1,100}$/u, 'Tradepost', 'a name of at most 100 characters')
  const smtpUrl = read.smtpUrl('SMTP_URL')
  const mailToFolder = read.choice('MAIL_TO_FOLDER', ['on', 'off'], production || smtpUrl ? 'off' : 'on') === 'on'
  const payu = read.payu(production)
  const from = read.mailbox('MAIL_FROM', production && smtpUrl ? '' : 'shop@example.com', shopName)

  if (smtpUrl && mailToFolder) read.problem('SMTP_URL and MAIL_TO_FOLDER=on exclude each other: unset one of them')
  if (!smtpUrl && !mailToFolder) {
    read.problem(
      'SMTP_URL is missing: the mail server; MAIL_TO_FOLDER=on lays mails into DATA_DIR/mail, where no customer gets them',
    )
  }
  if (!from) read.problem('MAIL_FROM is missing: the address mails come from, such as shop@shop.example')
  if (iban && !isValidIBAN(electronicFormatIBAN(iban) ?? '')) {
    read.problem('TRANSFER_IBAN is no valid IBAN: look for a wrong or missing digit')
  }
  if (iban && !transferName) read.problem('TRANSFER_NAME is missing: the name of the holder of TRANSFER_IBAN')
  if (secretKeys.some((key) => key.length < 32)) {
    read.problem('SECRET_KEY is too short: use at least 32 characters, for instance from `openssl rand -base64 32`')
  }
  const isSecure = publicUrl.startsWith('https:')
  if (read.text('NODE_ENV', '') === '' && (isSecure || !isThisMachine(host))) {
    read.problem(
      'NODE_ENV is missing, though others can reach this shop: production, or development with its demo and simulated payments',
    )
  }
  if (production) {
    if (publicUrl && !isSecure && !isThisMachine(new URL(publicUrl).hostname))
      read.problem('PUBLIC_URL is not https: passwords and session cookies would travel in the clear')
    if (secretKeys.length === 0)
      read.problem('SECRET_KEY is missing: production needs one, for instance from `openssl rand -base64 32`')
    if (!publicUrl)
      read.problem('PUBLIC_URL is missing: the address customers reach this shop at, such as https://shop.example')
    if (demo) read.problem('DEMO=on adds a customer whose password everybody knows: production refuses it')
    if (!throttle) read.problem('THROTTLE=off is for load tests only: production refuses it')
  }

  const databaseUrl = read.url('DATABASE_URL', ['postgres:', 'postgresql:']) || undefined
  const databasePool = read.integer('DATABASE_POOL', 10, 1, 200)
  const workers = read.integer('WORKERS', 1, 1, 64)
  const connections = workers > 1 ? workers * (databasePool + 1) : databasePool
  if (!databaseUrl && connections > EMBEDDED_CONNECTIONS_MAX) {
    const product =
      workers > 1 ? `WORKERS=${workers} times DATABASE_POOL=${databasePool}, and one each,` : `DATABASE_POOL`
    read.problem(
      `${product} is ${connections} connections: the embedded PostgreSQL has ${EMBEDDED_CONNECTIONS_MAX} for them`,
    )
  }

  const config: Omit<Config, 'secretKeys'> = {
    production,
    host,
    port,
    publicUrl: (publicUrl || laptopUrl(host, port)).replace(/\/+$/, ''),
    dataDir,
    databaseUrl,
    databasePool,
    workers,
    logLevel: read.choice(
      'LOG_LEVEL',
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      production ? 'info' : 'warn',
    ),
    passwordPolicy: read.choice('PASSWORD_POLICY', ['documented', 'strong'], production ? 'strong' : 'documented'),
    throttle,
    trustProxy: read.proxies('TRUST_PROXY'),
    currency,
    sessionIdleDays: read.integer('SESSION_IDLE_DAYS', 14, 1, 365),
    sessionMaxDays: read.integer('SESSION_MAX_DAYS', 90, 1, 3_650),
    jwtDays: read.integer('JWT_DAYS', 7, 1, 365),
    accountsPrefix: read.prefix('ACCOUNTS_PREFIX'),
    hold: {
      onlineMinutes: read.integer('HOLD_ONLINE_MINUTES', 60, 1, 10_080),
      transferDays: read.integer('HOLD_TRANSFER_DAYS', 7, 1, 60),
    },
    // A customer's unpaid orders hold stock from everybody else.
    unpaidOrdersMax: read.integer('UNPAID_ORDERS_MAX', 0, 0, 1_000) || undefined,
    transfer: iban
      ? { iban: electronicFormatIBAN(iban) ?? '', bic: read.text('TRANSFER_BIC', ''), name: transferName }
      : undefined,
    payu,
    payuSimulator: !production && !payu,
    returnUrl: read.returnUrl('RETURN_URL'),
    media: read.s3(),
    shopName,
    mail: { smtpUrl: smtpUrl || undefined, from: from ?? { name: '', address: '' } },
    orderMails: read.choice('ORDER_MAILS', ['on', 'off'], 'on') === 'on',
    webhooksMayBePrivate:
      read.choice('WEBHOOK_PRIVATE_ADDRESSES', ['allow', 'refuse'], production ? 'refuse' : 'allow') === 'allow',
    demo,
  }
  if (read.problems.length > 0) throw new ConfigError(read.problems)
  return Object.freeze({ ...config, secretKeys: secretKeys.length > 0 ? secretKeys : [laptopSecretKey(dataDir)] })
}

/** Outside production: a key of its own for each data directory, made once, so that restarts keep sessions valid. */
function laptopSecretKey(dataDir: string): string {
  const file = join(dataDir, 'secret-key')
  try {
    if (!existsSync(file)) {
      mkdirSync(dataDir, { recursive: true })
      writeFileSync(file, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' })
    }
  } catch (error) {
    // Another process may have been quicker; a file where the directory should be is something else.
    if (!existsSync(file)) throw unusable(dataDir, error)
  }
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw unusable(dataDir, error)
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

function unusable(dataDir: string, error: unknown): ConfigError {
  const { code } = error as NodeJS.ErrnoException
  const why =
    code === 'EACCES'
      ? 'it belongs to another user; run this as that user, or set another'
      : `it is no directory that can be written (${code}); set another`
  return new ConfigError([`DATA_DIR=${dataDir} cannot be used: ${why}`])
}

/** Amounts are reckoned in hundredths, everywhere. */
function hasHundredths(currency: string): boolean {
  try {
    const format = new Intl.NumberFormat('en', { style: 'currency', currency })
    return format.resolvedOptions().maximumFractionDigits === 2
  } catch {
    return false
  }
}

/** Reached from this machine only. */
function isThisMachine(host: string): boolean {
  return host === 'localhost' || isLoopback(host.replace(/^\[|\]$/g, ''))
}

/** Where a browser on this machine finds it. */
function laptopUrl(host: string, port: number): string {
  const isEverywhere = host === '0.0.0.0' || host === '::'
  return `http://${isEverywhere ? 'localhost' : isIP(host) === 6 ? `[${host}]` : host}:${port}`
}

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

/** `loopback`, an address, or a network such as `10.0.0.0/8`. */
function isNetwork(text: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(text)) return true
  const [address = '', bits, ...more] = text.split('/')
  const version = isIP(address)
  if (version === 0 || more.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
}

class Reader {
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
