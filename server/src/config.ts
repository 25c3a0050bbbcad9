import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { electronicFormatIBAN, isValidIBAN } from 'ibantools'
import type { PasswordPolicy } from './identity/index.ts'
import { isLoopback } from './kernel/ip-address.ts'
import { OperatorError } from './kernel/operator-error.ts'
import type { MailAddress } from './mail/index.ts'
import { Reader } from './settings-reader.ts'

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

export type Env = Readonly<Record<string, string | undefined>>

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
