import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ConfigError, environment, readConfig } from './config.ts'

type Settings = Readonly<Record<string, string>>

const KEY = 'a-key-for-tests-and-for-nothing-else'
const PRODUCTION = {
  NODE_ENV: 'production',
  SECRET_KEY: KEY,
  PUBLIC_URL: 'https://shop.example',
  MAIL_TO_FOLDER: 'on',
}

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tradepost-test-'))
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(directory, { recursive: true })
})

function problemsOf(env: Settings): readonly string[] {
  try {
    readConfig({ DATA_DIR: directory, ...env })
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

test('all mistakes are told at once, in words', () => {
  const env = {
    NODE_ENV: 'prod',
    PORT: '80000',
    PUBLIC_URL: 'shop.example',
    DATABASE_URL: 'mysql://db/shop',
    DATABASE_POOL: '0',
    WORKERS: '65',
    SECRET_KEY: 'short',
    LOG_LEVEL: 'loud',
    PASSWORD_POLICY: 'weak',
    THROTTLE: 'no',
    CURRENCY: 'zł',
    SESSION_IDLE_DAYS: '1.5',
    SESSION_MAX_DAYS: '-1',
    HOLD_ONLINE_MINUTES: 'an hour',
    HOLD_TRANSFER_DAYS: '61',
    TRANSFER_IBAN: 'PL61109010140000071219812875',
    DEMO: 'yes',
  }
  expect(problemsOf(env)).toEqual([
    'NODE_ENV=prod should be one of: development, test, production',
    'PORT=80000 should be a whole number from 1 to 65535',
    'PUBLIC_URL should be an address that starts with http:// or https://',
    'CURRENCY=zł should be three capital letters, such as PLN',
    'THROTTLE=no should be one of: on, off',
    'DEMO=yes should be one of: on, off',
    'TRANSFER_IBAN is no valid IBAN: look for a wrong or missing digit',
    'SECRET_KEY is too short: use at least 32 characters, for instance from `openssl rand -base64 32`',
    'DATABASE_URL should be an address that starts with postgres:// or postgresql://',
    'DATABASE_POOL=0 should be a whole number from 1 to 200',
    'WORKERS=65 should be a whole number from 1 to 64',
    'LOG_LEVEL=loud should be one of: trace, debug, info, warn, error, fatal, silent',
    'PASSWORD_POLICY=weak should be one of: documented, strong',
    'SESSION_IDLE_DAYS=1.5 should be a whole number from 1 to 365',
    'SESSION_MAX_DAYS=-1 should be a whole number from 1 to 3650',
    'HOLD_ONLINE_MINUTES=an hour should be a whole number from 1 to 10080',
    'HOLD_TRANSFER_DAYS=61 should be a whole number from 1 to 60',
  ])
  expect(existsSync(join(directory, 'secret-key'))).toBe(false)
})

test.each(['yes', '10.0.0.0/33', '1.2.3', 'loopback,nobody', '10.0.0.0/8/8'])('TRUST_PROXY=%s is refused', (value) => {
  expect(problemsOf({ TRUST_PROXY: value })).toEqual([
    `TRUST_PROXY=${value} should be addresses or networks, such as 10.0.0.0/8, or loopback`,
  ])
})

test('an IPv6 address to listen on makes an address that can be visited', () => {
  expect(readConfig({ DATA_DIR: directory, HOST: '::1', TRUST_PROXY: 'loopback, fd00::/8' })).toMatchObject({
    publicUrl: 'http://[::1]:8000',
    trustProxy: 'loopback,fd00::/8',
  })
})

test('more connections than the embedded PostgreSQL takes are refused; another one may take them', () => {
  const many = { WORKERS: '4', DATABASE_POOL: '13' }
  expect(problemsOf(many)).toEqual([
    'WORKERS=4 times DATABASE_POOL=13, and one each, is 56 connections: the embedded PostgreSQL has 50 for them',
  ])
  expect(problemsOf({ DATABASE_POOL: '51' })).toEqual([
    'DATABASE_POOL is 51 connections: the embedded PostgreSQL has 50 for them',
  ])
  expect(readConfig({ DATA_DIR: directory, ...many, DATABASE_URL: 'postgres://db/shop' }).workers).toBe(4)
  expect(readConfig({ DATA_DIR: directory, WORKERS: '4' }).workers).toBe(4)
})

test('a currency without hundredths is refused', () => {
  expect(problemsOf({ CURRENCY: 'JPY' })).toEqual(['CURRENCY=JPY has no hundredths: Tradepost reckons in them'])
})

test('a data directory that cannot be used is told in words', () => {
  const file = join(directory, 'a-file')
  writeFileSync(file, '')
  expect(problemsOf({ DATA_DIR: file })).toEqual([
    `DATA_DIR=${file} cannot be used: it is no directory that can be written (EEXIST); set another`,
  ])
})

test('production refuses the demo, whose customer everybody knows', () => {
  const env = { ...PRODUCTION, DEMO: 'on' }
  expect(problemsOf(env)).toEqual(['DEMO=on adds a customer whose password everybody knows: production refuses it'])
})

test('the message to the operator lists the mistakes', () => {
  expect(() => readConfig({ DATA_DIR: directory, PORT: 'http', DEMO: 'yes' })).toThrow(
    new ConfigError(['PORT=http should be a whole number from 1 to 65535', 'DEMO=yes should be one of: on, off']),
  )
  expect(new ConfigError(['one', 'two']).message).toBe('These settings must be mended first:\n  - one\n  - two')
})

const NO_SMTP =
  'SMTP_URL is missing: the mail server; MAIL_TO_FOLDER=on lays mails into DATA_DIR/mail, where no customer gets them'

test('production refuses what suits a laptop only', () => {
  expect(problemsOf({ NODE_ENV: 'production', THROTTLE: 'off', TRANSFER_IBAN: 'DE89370400440532013000' })).toEqual([
    NO_SMTP,
    'TRANSFER_NAME is missing: the name of the holder of TRANSFER_IBAN',
    'SECRET_KEY is missing: production needs one, for instance from `openssl rand -base64 32`',
    'PUBLIC_URL is missing: the address customers reach this shop at, such as https://shop.example',
    'THROTTLE=off is for load tests only: production refuses it',
  ])
})

test.each([{ PUBLIC_URL: 'https://shop.example' }, { HOST: '0.0.0.0' }, { HOST: '10.1.2.3' }, { HOST: '::' }])(
  'with %j it has to be said whether this is production',
  (env) => {
    expect(problemsOf(env)).toEqual([
      'NODE_ENV is missing, though others can reach this shop: production, or development with its demo and simulated payments',
    ])
    expect(problemsOf({ ...env, NODE_ENV: 'development' })).toEqual([])
  },
)

test.each([{ HOST: '127.0.0.2' }, { HOST: 'localhost' }, { HOST: '::1' }, { PUBLIC_URL: 'http://shop.test' }, {}])(
  'with %j it is a laptop',
  (env) => expect(problemsOf(env)).toEqual([]),
)

test('production is reached by https, unless only this machine reaches it', () => {
  const reached = (PUBLIC_URL: string) => problemsOf({ ...PRODUCTION, PUBLIC_URL })
  const problem = 'PUBLIC_URL is not https: passwords and session cookies would travel in the clear'
  expect(reached('http://shop.example')).toEqual([problem])
  expect(reached('http://127.0.0.1.example')).toEqual([problem])
  for (const url of ['http://localhost:8000', 'http://127.0.0.1:8000', 'http://[::1]:8000'])
    expect(reached(url)).toEqual([])
})

test('production starts without the simulator, without demo data and without an account for transfers', () => {
  expect(readConfig({ DATA_DIR: directory, ...PRODUCTION })).toMatchObject({
    production: true,
    payu: undefined,
    payuSimulator: false,
    demo: false,
    transfer: undefined,
    passwordPolicy: 'strong',
    logLevel: 'info',
    secretKeys: [KEY],
  })
})

test.each([
  { SECRET_KEY: 'hunter2' },
  { DATABASE_URL: 'mysql://shop:hunter2@db.example/shop' },
  { DATABASE_URL: 'postgres://shop:hunter2@db.example:port/shop' },
  { PUBLIC_URL: 'ftp://shop:hunter2@shop.example' },
])('a secret in a bad setting is not repeated: %j', (env) => {
  const problems = problemsOf(env)
  expect(problems).toHaveLength(1)
  expect(problems.join()).not.toContain('hunter2')
})

test('a laptop makes its key once and keeps it to itself', () => {
  const [secretKey, ...others] = readConfig({ DATA_DIR: directory }).secretKeys
  expect(others).toEqual([])
  expect(secretKey).toMatch(/^[\w-]{43}$/)
  expect(readConfig({ DATA_DIR: directory }).secretKeys).toEqual([secretKey])
  const file = join(directory, 'secret-key')
  expect(readFileSync(file, 'utf8')).toBe(secretKey)
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600)
})

test('SECRET_KEY may list older keys behind the one that signs, each as long', () => {
  const [newest, older] = ['n'.repeat(32), 'o'.repeat(40)]
  expect(readConfig({ DATA_DIR: directory, SECRET_KEY: `${newest}, ${older}` }).secretKeys).toEqual([newest, older])
  expect(problemsOf({ SECRET_KEY: `${newest},short` })).toEqual([
    'SECRET_KEY is too short: use at least 32 characters, for instance from `openssl rand -base64 32`',
  ])
})

test('empty settings count as none, and blanks around a value do not matter', () => {
  const given = { DATA_DIR: directory, SECRET_KEY: KEY }
  expect(readConfig({ ...given, PORT: '', DATABASE_URL: ' ', CURRENCY: ' EUR ' })).toEqual(
    readConfig({ ...given, CURRENCY: 'EUR' }),
  )
})

test.each([
  [{ HOST: '0.0.0.0', PORT: '8080' }, 'http://localhost:8080'],
  [{ HOST: '10.1.2.3' }, 'http://10.1.2.3:8000'],
  [{ PUBLIC_URL: 'https://shop.example//' }, 'https://shop.example'],
])('the public address for %j is %s', (env, publicUrl) => {
  const given = { DATA_DIR: directory, SECRET_KEY: KEY, NODE_ENV: 'development' }
  expect(readConfig({ ...given, ...env }).publicUrl).toBe(publicUrl)
})

test('an IBAN may be written with spaces', () => {
  const env = {
    TRANSFER_IBAN: 'DE89 3704 0044 0532 0130 00',
    TRANSFER_NAME: 'Tent & Trail',
    TRANSFER_BIC: 'COBADEFFXXX',
  }
  expect(readConfig({ ...PRODUCTION, ...env }).transfer).toEqual({
    iban: 'DE89370400440532013000',
    bic: 'COBADEFFXXX',
    name: 'Tent & Trail',
  })
})

const S3 = {
  S3_ENDPOINT: 'https://s3.example',
  S3_REGION: 'eu-central-1',
  S3_BUCKET: 'shop-media',
  S3_ACCESS_KEY: 'AKIDEXAMPLE',
  S3_SECRET_KEY: 'hunter2',
}

test('uploaded files are kept in a bucket if all of it is given, else in the data directory', () => {
  expect(readConfig({ ...PRODUCTION }).media).toBeUndefined()
  expect(readConfig({ ...PRODUCTION, ...S3 }).media).toEqual({
    endpoint: 'https://s3.example',
    region: 'eu-central-1',
    bucket: 'shop-media',
    accessKey: 'AKIDEXAMPLE',
    secretKey: 'hunter2',
  })
})

test('half a bucket is none: what is missing is told, and what was given is not', () => {
  expect(problemsOf({ ...S3, S3_REGION: '', S3_ACCESS_KEY: ' ' })).toEqual([
    'Missing: S3_REGION, S3_ACCESS_KEY; the S3_… settings go together, all or none',
  ])
  expect(problemsOf({ ...S3, S3_ENDPOINT: 's3.example?hunter2' })).toEqual([
    'S3_ENDPOINT should be an address that starts with http:// or https://',
  ])
})

const PAYU = { PAYU_POS_ID: '300746', PAYU_CLIENT_SECRET: 'hunter2', PAYU_SECOND_KEY: 'hunter3, hunter4,' }

test('PayU is there if all of it is given, and a laptop speaks to its sandbox', () => {
  expect(readConfig({ ...PRODUCTION }).payu).toBeUndefined()
  const payu = {
    posId: '300746',
    clientId: '300746',
    clientSecret: 'hunter2',
    secondKeys: ['hunter3', 'hunter4'],
    url: 'https://secure.payu.com',
    blikCode: false,
  }
  expect(readConfig({ ...PRODUCTION, ...PAYU }).payu).toEqual(payu)
  expect(readConfig({ SECRET_KEY: KEY, ...PAYU }).payu).toEqual({ ...payu, url: 'https://secure.snd.payu.com' })
  const more = { PAYU_CLIENT_ID: '400000', PAYU_URL: 'http://127.0.0.1:8021/', PAYU_BLIK_CODE: 'on' }
  expect(readConfig({ SECRET_KEY: KEY, ...PAYU, ...more }).payu).toEqual({
    ...payu,
    clientId: '400000',
    url: 'http://127.0.0.1:8021',
    blikCode: true,
  })
})

test.each<[Settings, string[]]>([
  [
    { PAYU_POS_ID: '300746' },
    ['Missing: PAYU_CLIENT_SECRET, PAYU_SECOND_KEY; the PAYU_… settings go together, all or none'],
  ],
  [
    { PAYU_CLIENT_SECRET: 'hunter2', PAYU_SECOND_KEY: ' , ' },
    ['Missing: PAYU_POS_ID, PAYU_SECOND_KEY; the PAYU_… settings go together, all or none'],
  ],
  [
    { ...PAYU, PAYU_POS_ID: 'hunter2' },
    [
      "PAYU_POS_ID should be a number, as PayU's panel shows it",
      "PAYU_CLIENT_ID should be a number, as PayU's panel shows it",
    ],
  ],
  [
    { ...PAYU, PAYU_SECOND_KEY: 'hunter3,hun ter4' },
    ["PAYU_SECOND_KEY holds a character that no key of PayU's has; copy it from PayU's panel again"],
  ],
  [
    { ...PAYU, PAYU_URL: 'https://secure.payu.com/api/v2_1' },
    ['PAYU_URL should end with the host, such as https://secure.payu.com'],
  ],
  [
    { ...PAYU, PAYU_URL: 'https://a:hunter2@secure.payu.com' },
    ['PAYU_URL should end with the host, such as https://secure.payu.com'],
  ],
  [{ ...PAYU, PAYU_URL: 'http://secure.payu.com' }, ['PAYU_URL should be an address that starts with https://']],
  [
    { ...PAYU, PAYU_URL: 'https://secure.snd.payu.com' },
    ['PAYU_… are those of PayU’s public sandbox: production takes your own POS, at https://secure.payu.com'],
  ],
  [
    { ...PAYU, PAYU_SECOND_KEY: 'b6ca15b0d1020e8094d9b5f8d163db54' },
    ['PAYU_… are those of PayU’s public sandbox: production takes your own POS, at https://secure.payu.com'],
  ],
  [{ ...PAYU, PAYU_BLIK_CODE: 'yes' }, ['PAYU_BLIK_CODE=yes should be one of: on, off']],
])('half a PayU, or a crooked one, is refused without repeating its secrets: %j', (env, problems) => {
  expect(problemsOf({ ...PRODUCTION, ...env })).toEqual(problems)
})

test('the page buyers come back to has a place for the order behind its host', () => {
  expect(readConfig({ ...PRODUCTION }).returnUrl).toBeUndefined()
  for (const RETURN_URL of [
    'https://shop.example/o/{order}',
    'https://shop.example/?o={order}',
    'https://shop.example/#{order}',
  ]) {
    expect(readConfig({ ...PRODUCTION, RETURN_URL }).returnUrl).toBe(RETURN_URL)
  }
  for (const RETURN_URL of [
    'https://shop.example/thanks',
    'https://{order}.shop.example/',
    'ftp://shop.example/{order}',
    '/{order}',
  ]) {
    expect(problemsOf({ ...PRODUCTION, RETURN_URL })).toEqual([
      'RETURN_URL should be an address with {order} behind its host, such as https://shop.example/paid/{order}',
    ])
  }
})

test('mails come from the shop by its name, and lie in the data directory if that is asked for', () => {
  const mailOf = (env: Settings) => readConfig({ ...PRODUCTION, ...env }).mail
  expect(mailOf({})).toEqual({ smtpUrl: undefined, from: { name: 'Tradepost', address: 'shop@example.com' } })
  const env = { MAIL_TO_FOLDER: '', SMTP_URL: 'smtp://shop:hunter%40@mail.example:2525', SHOP_NAME: 'Żagle' }
  const from = { name: 'Żagle', address: 'a@shop.example' }
  expect(mailOf({ ...env, MAIL_FROM: 'a@shop.example' })).toEqual({ smtpUrl: env.SMTP_URL, from })
  for (const written of ['Jan, z o.o. <a@shop.example>', '"Jan, z o.o." <a@shop.example>']) {
    expect(mailOf({ ...env, MAIL_FROM: written }).from).toEqual({ ...from, name: 'Jan, z o.o.' })
  }
})

test('who gets no mail is nobody’s secret: production wants a mail server, or the word that there is none', () => {
  expect(problemsOf({ ...PRODUCTION, MAIL_TO_FOLDER: '' })).toEqual([NO_SMTP])
  expect(problemsOf({ ...PRODUCTION, MAIL_TO_FOLDER: 'off' })).toEqual([NO_SMTP])
  expect(problemsOf({ MAIL_TO_FOLDER: 'off' })).toEqual([NO_SMTP])
  expect(problemsOf({ MAIL_TO_FOLDER: 'on', SMTP_URL: 'smtps://mail.example' })).toEqual([
    'SMTP_URL and MAIL_TO_FOLDER=on exclude each other: unset one of them',
  ])
  expect(readConfig({ SMTP_URL: 'smtps://mail.example' }).mail.smtpUrl).toBe('smtps://mail.example')
})

test('production does not send mail from an address that nobody set', () => {
  expect(problemsOf({ ...PRODUCTION, MAIL_TO_FOLDER: '', SMTP_URL: 'smtps://mail.example' })).toEqual([
    'MAIL_FROM is missing: the address mails come from, such as shop@shop.example',
  ])
})

test.each([
  'shop',
  'Shop <shop>',
  '<>',
  'a@b.pl, c@d.pl',
  'Shop <a@b.pl> <c@d.pl>',
  'a@b.pl\r\nBcc: c@d.pl',
  'S\nhop <a@b.pl>',
])('MAIL_FROM=%j is refused', (value) => {
  expect(problemsOf({ MAIL_FROM: value })).toEqual([
    `MAIL_FROM=${value} should be an address, such as shop@shop.example or Tent & Trail <shop@shop.example>`,
  ])
})

test.each([
  ['mail.example', 'an address that starts with smtp:// or smtps://'],
  ['http://shop:hunter2@mail.example', 'an address that starts with smtp:// or smtps://'],
  ['smtp://shop:hunter2@mail.example:port', 'an address that starts with smtp:// or smtps://'],
  ['smtp://shop:hunter2@mail.example?pool=true', 'end with the host and the port'],
  ['smtp://shop:hunter2@mail.example/x', 'end with the host and the port'],
])('SMTP_URL=%s is refused, and what is in it is not repeated', (value, wanted) => {
  expect(problemsOf({ SMTP_URL: value })).toEqual([`SMTP_URL should ${wanted.replace(/^an/, 'be an')}`])
})

test('a % in the password of SMTP_URL that stands for itself is told', () => {
  expect(problemsOf({ SMTP_URL: 'smtp://shop:100%hunter2@mail.example' })).toEqual([
    'SMTP_URL has a % in its user or password that should be written %25',
  ])
})

test.each(['/api', '/api/v1/accounts', '/docs', '/health', '/media/x', '/payu-simulator'])(
  'ACCOUNTS_PREFIX=%s is taken',
  (value) => {
    const first = value.split('/')[1]
    expect(problemsOf({ ACCOUNTS_PREFIX: value })).toEqual([
      `ACCOUNTS_PREFIX=${value} is taken: the shop itself answers at /${first}`,
    ])
  },
)

test('ACCOUNTS_PREFIX is a path without a slash at its end', () => {
  expect(readConfig({ ...PRODUCTION, ACCOUNTS_PREFIX: '/apis/accounts' }).accountsPrefix).toBe('/apis/accounts')
  for (const value of ['accounts', '/accounts/', '/', '/a b', '/openapi.json']) {
    expect(problemsOf({ ACCOUNTS_PREFIX: value })).toEqual([
      `ACCOUNTS_PREFIX=${value} should be a path such as /accounts`,
    ])
  }
})

test('SHOP_NAME is one line', () => {
  expect(problemsOf({ SHOP_NAME: 'Shop\nBcc: x' })).toEqual([
    'SHOP_NAME=Shop\nBcc: x should be a name of at most 100 characters',
  ])
})

test('nobody can change the settings once they are read', () => {
  expect(Object.isFrozen(readConfig({ ...PRODUCTION }))).toBe(true)
})

test('the environment wins over the file .env', () => {
  writeFileSync(join(directory, '.env'), '# ours\nPORT=8001\nTRANSFER_NAME="Tent & Trail"\n')
  vi.stubEnv('PORT', '8002')
  expect(environment(directory)).toMatchObject({ PORT: '8002', TRANSFER_NAME: 'Tent & Trail' })
})
