import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { emptyDatabase } from '../../../../test/support/database.ts'
import { migrate } from '../../store/migrate.ts'
import { MIGRATIONS_DIRECTORY } from '../../store/migration-files.ts'

const OWN = 'argon2$argon2id$v=19$m=19456,t=2,p=1$ZjA0VkR3$yGvkJQK'
const DJANGO = 'pbkdf2_sha256$36000$xvzy4LeTXEol$y/Rkl8Qn8JQ49tc3pIzRjX7+CLEPIzL9RZLoHqVz5n0='

test('who was moved in before there was blocking is blocked if inactive, and follows imports unless here already', async () => {
  const before = mkdtempSync(join(tmpdir(), 'tradepost-test-'))
  const files = readdirSync(MIGRATIONS_DIRECTORY).sort()
  for (const file of files.slice(
    0,
    files.findIndex((name) => name.endsWith('_blocked_customers.sql')),
  )) {
    cpSync(join(MIGRATIONS_DIRECTORY, file), join(before, file))
  }
  const { db, drop } = await emptyDatabase()
  try {
    await migrate(db, { directory: before })
    await db.query({
      text: `insert into customers (id, username, username_key, email, email_key, password_hash)
        select gen_random_uuid(), name, name, name || '@example.com', name || '@example.com', hash
          from unnest($1::text[], $2::text[]) as moved (name, hash)`,
      values: [
        ['own', 'moved', 'inactive', 'unusable', 'was-busy'],
        [OWN, DJANGO, `!inactive$${DJANGO}`, '!kx8', DJANGO],
      ],
    })
    // Signed in while hashing was too busy to renew the hash.
    await db.query({
      text: `insert into sessions (id, token_hash, kind, customer_id, live_until, expires_at)
        select gen_random_uuid(), sha256('x'), 'cookie', id, now() + interval '1 day', now() + interval '1 day'
          from customers where username = 'was-busy'`,
    })
    await migrate(db)
    const text = `select username, password_hash, blocked_at is not null as blocked, follows_import from customers`
    expect((await db.query({ text: `${text} order by username`, rowMode: 'array' } as never)).rows).toEqual([
      ['inactive', DJANGO, true, true],
      ['moved', DJANGO, false, true],
      ['own', OWN, false, false],
      ['unusable', '!kx8', false, true],
      ['was-busy', DJANGO, false, false],
    ])
  } finally {
    await drop()
    rmSync(before, { recursive: true })
  }
})
