import { expect, test } from 'vitest'
import { findUnknownSettings } from './unknown-settings.ts'

test.each([
  ['SMPT_URL', 'SMTP_URL'],
  ['DATABSE_URL', 'DATABASE_URL'],
  ['DATABASE_URLL', 'DATABASE_URL'],
  ['SECRET_KEYS', 'SECRET_KEY'],
  ['MAIL_FORM', 'MAIL_FROM'],
  ['S3_REGIOM', 'S3_REGION'],
  ['DATADIR', 'DATA_DIR'],
  ['PROT', 'PORT'],
  ['public_url', 'PUBLIC_URL'],
])('%s in the environment is told to be no setting, and what it is taken for', (name, meant) => {
  expect(findUnknownSettings({}, { [name]: 'hunter2' })).toEqual([
    `Warning: ${name} is no setting: perhaps ${meant} is meant.`,
  ])
})

test('what the environment has besides is nobody’s business, however alike', () => {
  const others = ['HOME', 'PATH', 'DATABASE_PORT', 'DATABASE_HOST', 'FTP_URL', 'LOG_FILE', 'TRADEPOST_HOME', 'P', '']
  expect(findUnknownSettings({}, Object.fromEntries(others.map((name) => [name, 'x'])))).toEqual([])
})

test('in .env every unknown name is told, and known ones never are', () => {
  const file = { PORT: '8001', POSTGRES_PASSWORD: 'hunter2', SMPT_URL: 'smtp://shop:hunter2@mail.example' }
  expect(findUnknownSettings(file, { DEMO: 'off', DEMOS: 'x' })).toEqual([
    'Warning: POSTGRES_PASSWORD in .env is no setting of Tradepost.',
    'Warning: SMPT_URL in .env is no setting: perhaps SMTP_URL is meant.',
    'Warning: DEMOS is no setting: perhaps DEMO is meant.',
  ])
})
