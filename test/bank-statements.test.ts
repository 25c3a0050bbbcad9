import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bookBankLines, confirmTransfer, importStatement, readStatement } from '../server/src/payments/index.ts'
import { brokenConstraint } from '../server/src/store/database.ts'
import { findBreaches, rowsOf } from './support/books.ts'
import { tradepost } from './support/program.ts'
import { ShopClient, signUp } from './support/shop-client.ts'
import { type ShopServer, startShopServer, stockShop } from './support/shop-server.ts'
import { camt02, camt08, ing, mbank, PAYER_ACCOUNT, pko, SHOP_ACCOUNT, type Transfer } from './support/statements.ts'

let server: ShopServer
let directory: string
let anna: ShopClient
let tent: string

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tradepost-test-'))
  server = await startShopServer()
  anna = new ShopClient(server.baseUrl)
  await signUp(anna, 'anna')
  tent = (await stockShop(server.db, [{ sku: 'tent', price: '129.00', quantity: 10_000 }])).tent as string
})
afterAll(async () => {
  expect(await findBreaches(server.db)).toEqual([])
  await server.stop()
  rmSync(directory, { recursive: true, force: true })
})

/** An order of 129.00 PLN that waits for a transfer. */
async function awaited(): Promise<{ id: string; title: string }> {
  await anna.post('/api/bucket', { product: tent, quantity: 1 })
  const id = (await anna.post('/api/orders', {})).body.order_uuid
  const title = (await anna.put(`/api/orders/${id}/payment`, { method: 'transfer' })).body.transfer.title
  return { id, title }
}
const statusOf = async (id: string) => (await anna.get(`/api/orders/${id}`)).body.status
const cancel = (id: string) => anna.post(`/api/orders/${id}/set_canceled`)

const importText = (text: string) => importStatement(server.db, readStatement(Buffer.from(text)))
const becameOf = async (text: string) =>
  (await importText(text)).lines.map(({ outcome, reason, bookedAs, orderId }) => [outcome, reason ?? bookedAs, orderId])
const reference = () => `R${Math.random().toString(36).slice(2)}`
const transfer = (told: Partial<Transfer>): Transfer => ({
  amount: '129.00',
  title: '',
  reference: reference(),
  ...told,
})

describe('a statement', () => {
  test.each([
    ['mBank', mbank],
    ['ING', ing],
    ['PKO', pko],
    ['camt.053.001.02', camt02],
    ['camt.053.001.08', camt08],
  ])('of %s pays the orders whose titles it bears, once', async (_bank, written) => {
    const [one, two] = [await awaited(), await awaited()]
    const text = written(
      transfer({ title: `Zamowienie ${one.title.toLowerCase()} dziekuje` }),
      transfer({ title: `/VAT/24,12/IDC/5231242681/INV/FV1/TXT/${two.title}` }),
      transfer({ title: 'czynsz', way: 'DBIT' }),
    )
    expect(await becameOf(text)).toEqual([
      ['booked', 'order-paid', one.id],
      ['booked', 'order-paid', two.id],
    ])
    expect([await statusOf(one.id), await statusOf(two.id)]).toEqual(['paid', 'paid'])
    expect(await importText(text)).toEqual({ lines: [], known: { count: 2, open: 0 }, ignored: 1 })
  })

  test('that overlaps with an earlier one brings only what is new, equal transfers of a day included', async () => {
    const same = { title: 'kawa', amount: '8.00', reference: 'NONREF' }
    const day = '2026-10-01'
    const first = await importText(mbank({ ...same, bookedOn: day }, { ...same, bookedOn: day }))
    expect(first.lines).toHaveLength(2)
    const overlapping = mbank(
      ...[
        { ...same, bookedOn: day },
        { ...same, bookedOn: day },
        { ...same, bookedOn: '2026-10-02' },
      ],
    )
    expect((await importText(overlapping)).lines.map(({ bookedOn }) => bookedOn)).toEqual(['2026-10-02'])
  })

  test('with a second transfer of the same title does not lose it: that money is for a person', async () => {
    const { id, title } = await awaited()
    const text = mbank(transfer({ title }), transfer({ title }))
    expect(await becameOf(text)).toEqual([
      ['booked', 'order-paid', id],
      ['needs-a-person', 'paid-already', id],
    ])
    // And so is one that comes another day.
    expect(await becameOf(mbank(transfer({ title })))).toEqual([['needs-a-person', 'paid-already', id]])
  })

  test('shows the transfer that staff had confirmed before, and only that one', async () => {
    const { id, title } = await awaited()
    await confirmTransfer(server.db, { of: title })
    const text = mbank(transfer({ title }), transfer({ title }))
    expect(await becameOf(text)).toEqual([
      ['booked', 'confirmed-before', id],
      ['needs-a-person', 'paid-already', id],
    ])
    const events = await rowsOf(
      server.db,
      'select outcome from payment_events e join payment_attempts a on a.id = attempt_id where a.order_id = $1',
      [id],
    )
    expect(events).toEqual([{ outcome: 'order-paid' }])
    // Told the other way round, staff hear that it is known.
    expect((await confirmTransfer(server.db, { of: title })).outcome).toBe('known')
  })

  test('with money for a canceled order has it sent back', async () => {
    const { id, title } = await awaited()
    await cancel(id)
    expect(await becameOf(mbank(transfer({ title })))).toEqual([['booked', 'refund-late', id]])
    const refunds = await rowsOf(
      server.db,
      `select r.amount_minor as "amountMinor", r.reason, r.status from refunds r join payment_attempts a on a.id = r.attempt_id where a.order_id = $1`,
      [id],
    )
    expect(refunds).toEqual([{ amountMinor: 12_900, reason: 'late-money', status: 'requested' }])
    expect(await statusOf(id)).toBe('canceled')
  })

  test('never pays with another sum, another title or two of them', async () => {
    const [one, two] = [await awaited(), await awaited()]
    const wrong = `${one.title.slice(0, -1)}${one.title.endsWith('A') ? 'B' : 'A'}`
    const text = mbank(
      transfer({ title: one.title, amount: '128.99' }),
      transfer({ title: one.title, amount: '129.01' }),
      transfer({ title: wrong }),
      transfer({ title: 'TP00000001F' }),
      transfer({ title: `${one.title} ${two.title}`, amount: '258.00' }),
      transfer({ title: 'pozdrawiam' }),
    )
    expect(await becameOf(text)).toEqual([
      ['needs-a-person', 'too-little', one.id],
      ['needs-a-person', 'too-much', one.id],
      ['needs-a-person', 'no-title', null],
      ['needs-a-person', 'unknown-title', null],
      ['needs-a-person', 'several-titles', null],
      ['needs-a-person', 'no-title', null],
    ])
    expect([await statusOf(one.id), await statusOf(two.id)]).toEqual(['to_pay', 'to_pay'])
  })

  test('with a booking that the bank took back is for a person, and the order stays as it is', async () => {
    const { id, title } = await awaited()
    await importText(mbank(transfer({ title })))
    const reversal = mbank(transfer({ title, way: 'DBIT' })).replace('DN129', 'RCN129')
    expect(await becameOf(reversal)).toEqual([['needs-a-person', 'reversed', id]])
    expect(await statusOf(id)).toBe('paid')
  })

  test('imported by several at once, counts each line once', async () => {
    const orders = [await awaited(), await awaited(), await awaited()]
    const text = mbank(...orders.map(({ title }) => transfer({ title })), transfer({ title: 'nic' }))
    const imports = await Promise.all([importText(text), importText(text), importText(text)])
    const titles = imports.flatMap(({ lines }) => lines.map(({ title }) => title))
    expect(titles.toSorted()).toEqual([...orders.map(({ title }) => title), 'nic'].toSorted())
    expect(await Promise.all(orders.map(({ id }) => statusOf(id)))).toEqual(['paid', 'paid', 'paid'])
  })
})

test('the database itself refuses a booking that is not the money of its attempt', async () => {
  const { id, title } = await awaited()
  await importText(mbank(transfer({ title })))
  const error = await server.db
    .query({
      text: `update bank_lines set outcome = 'booked', booked_as = 'order-paid',
                    attempt_id = (select a.id from payment_attempts a where a.order_id = $1)
              where id = (select min(id) from bank_lines where outcome = 'needs-a-person' and kind = 'credit')`,
      values: [id],
    })
    .catch((thrown: unknown) => thrown)
  expect(brokenConstraint(error)).toBe('booked_is_captured')
})

test('whatever comes in whatever overlapping files, every credit is there once and every order has its money once', async () => {
  const days = ['2026-09-01', '2026-09-02', '2026-09-03']
  const kinds = fc.constantFrom('exact', 'short', 'untitled')
  const wishes = fc.array(fc.record({ order: fc.nat(2), kind: kinds, day: fc.nat(2) }), { minLength: 1, maxLength: 8 })
  const windows = fc.array(fc.tuple(fc.nat(2), fc.nat(2)), { maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(
      wishes,
      windows,
      fc.constantFrom(mbank, ing, camt02, camt08),
      async (wished, someDays, written) => {
        const orders = [await awaited(), await awaited(), await awaited()]
        const mark = reference()
        const transfers: Transfer[] = wished.map(({ order, kind, day }) => ({
          amount: kind === 'short' ? '100.00' : '129.00',
          title: kind === 'untitled' ? mark : `${mark} ${orders[order]?.title}`,
          reference: 'NONREF',
          bookedOn: days[day] as string,
        }))
        // A bank's file has whole days, and all days are in one of the files.
        for (const [a, b] of [...someDays, [0, 2] as const]) {
          const from = days[Math.min(a, b)] ?? ''
          const to = days[Math.max(a, b)] ?? ''
          await importText(written(...transfers.filter(({ bookedOn = '' }) => bookedOn >= from && bookedOn <= to)))
        }
        const lines = await rowsOf<{ amount: number; outcome: string }>(
          server.db,
          `select amount_minor as amount, outcome from bank_lines where title like '%' || $1 || '%'`,
          [mark],
        )
        expect(lines.map(({ amount }) => amount).toSorted()).toEqual(
          transfers.map(({ amount }) => Number(amount.replace('.', ''))).toSorted(),
        )
        for (const [i, { id }] of orders.entries()) {
          const isPaid = wished.some(({ order, kind }) => order === i && kind === 'exact')
          expect([i, await statusOf(id)]).toEqual([i, isPaid ? 'paid' : 'to_pay'])
        }
        const paid = new Set(wished.filter(({ kind }) => kind === 'exact').map(({ order }) => order))
        expect(lines.filter(({ outcome }) => outcome === 'booked')).toHaveLength(paid.size)
      },
    ),
    { numRuns: 25 },
  )
})

describe('a person settles a line', () => {
  const open = async (...transfers: Transfer[]) => {
    const { lines } = await importText(mbank(...transfers))
    return lines.map(({ id }) => id as number)
  }

  test('by booking two parts that make the sum', async () => {
    const { id, title } = await awaited()
    const lines = await open(transfer({ title, amount: '100.00' }), transfer({ title, amount: '29.00' }))
    const half = bookBankLines(server.db, lines.slice(0, 1), id as never)
    await expect(half).rejects.toMatchObject({
      refusal: { code: 'payments.amount-differs', expectedMinor: 12_900, toldMinor: 10_000 },
    })
    expect(await bookBankLines(server.db, lines, id as never)).toBe('order-paid')
    expect(await statusOf(id)).toBe('paid')
    await expect(bookBankLines(server.db, lines, id as never)).rejects.toMatchObject({
      refusal: { code: 'payments.bank-line-not-open', line: lines[0] },
    })
  })

  test('and two who do it at once book it once', async () => {
    const { id } = await awaited()
    const lines = await open(transfer({ title: 'bez tytułu' }), transfer({ title: 'bez tytułu też' }))
    const tries = await Promise.allSettled(lines.map((line) => bookBankLines(server.db, [line], id as never)))
    expect(tries.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(tries.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { refusal: { code: 'payments.paid-already', orderId: id } },
    })
  })
})

describe('on the command line', () => {
  const payments = (...args: string[]) =>
    tradepost(['payments', ...args], {
      DATABASE_URL: server.config.databaseUrl ?? '',
      DATA_DIR: directory,
      TRANSFER_IBAN: SHOP_ACCOUNT,
      TRANSFER_NAME: 'Sklep',
    })
  const file = (name: string, text: string) => {
    const path = join(directory, name)
    writeFileSync(path, text)
    return path
  }
  const lineOf = async (mark: string) =>
    (
      await rowsOf<{ id: number }>(
        server.db,
        `select id from bank_lines where title like '%' || $1 || '%' order by id`,
        [mark],
      )
    ).map(({ id }) => id)

  test('import-statement tells what it booked and what a person has to look at, first dry and then really', async () => {
    const [paid, short] = [await awaited(), await awaited()]
    const path = file(
      'statement.sta',
      mbank(
        transfer({ title: `zam ${paid.title}` }),
        transfer({ title: `zam ${short.title}`, amount: '100.00' }),
        transfer({ title: `zam ${short.title}`, amount: '29.00' }),
        transfer({ title: 'oplata', way: 'DBIT', amount: '5.00' }),
      ),
    )
    const dry = await payments('import-statement', path, '--dry-run')
    expect([dry.status, dry.stderr]).toEqual([2, ''])
    expect(dry.stdout).toContain('Would be booked: 1 transfer, 129.00 PLN.\n')
    expect(dry.stdout).toContain('Nothing was written: this was a dry run.\n')
    expect(await statusOf(paid.id)).toBe('to_pay')

    const { status, stdout, stderr } = await payments('import-statement', path)
    const [booked, first, second] = await lineOf('zam TP')
    const payer = 'ŻANETA WIŚNIEWSKA UL. KRÓTKA 1 00-950 WARSZAW'
    const settle = `→ tradepost payments settle ${first} ${second} --order ${short.id}`
    const waits = (id: number | undefined, sum: string) => [
      `  ${id}  2026-11-20  ${sum} PLN  ${payer}`,
      `      title: zam ${short.title}`,
      `      from: ${PAYER_ACCOUNT}`,
      `      It is less than order ${short.id} asks for.`,
      `      Together, lines ${first} and ${second} are the 129.00 PLN of the order.`,
      `      ${settle}`,
    ]
    expect([status, stderr]).toEqual([2, ''])
    expect(stdout.split('\n')).toEqual([
      'statement.sta: MT940, 4 bookings.',
      'Booked: 1 transfer, 129.00 PLN.',
      `  ${booked}  2026-11-20  129.00 PLN  ${payer}  Order ${paid.id} is paid.`,
      'For a person: 2 transfers, 129.00 PLN.',
      ...waits(first, '100.00'),
      ...waits(second, '29.00'),
      'Left alone: 1 of money that went out.',
      '',
    ])
    expect(await statusOf(paid.id)).toBe('paid')

    expect((await payments('import-statement', path)).stdout).toContain(
      'Imported before: 3, 2 of them still for a person.\n',
    )
    const settled = await payments(...settle.slice('→ tradepost payments '.length).split(' '))
    expect([settled.status, settled.stdout]).toEqual([0, `Order ${short.id} is paid.\n`])
    const again = await payments('import-statement', path)
    expect([again.status, again.stdout]).toEqual([
      0,
      [
        'statement.sta: MT940, 4 bookings.',
        'Booked: none.',
        'For a person: none.',
        'Imported before: 3.',
        'Left alone: 1 of money that went out.',
        '',
      ].join('\n'),
    ])
  })

  test('a title one slip away is offered, and what was sent back is settled with a note', async () => {
    const { id, title } = await awaited()
    const slip = `${title.slice(0, 6)}${title.slice(7)}`
    const mark = 'literowka'
    await payments('import-statement', file('slip.xml', camt08(transfer({ title: `${mark} ${slip}` }))))
    const [line] = await lineOf(mark)
    const { stdout } = await payments('bank-lines', '--open')
    expect(stdout).toContain(
      `      Perhaps ${title}, order ${id}, 129.00 PLN.\n      → if so: tradepost payments settle ${line} --order ${id}\n`,
    )

    const settled = await payments('settle', String(line), '--note', 'sent back')
    expect([settled.status, settled.stdout]).toEqual([0, `Settled: ${line}.\n`])
    expect((await payments('bank-lines')).stdout).toContain(
      `${line}  2026-11-20  129.00 PLN  Żaneta Wiśniewska  settled: sent back\n`,
    )
    expect((await payments('bank-lines', '--open')).stdout).not.toContain(`  ${line}  2026`)
    expect(await statusOf(id)).toBe('to_pay')
  })

  test('settle refuses in words, and changes nothing', async () => {
    const { id, title } = await awaited()
    await importText(mbank(transfer({ title: `${title} za malo`, amount: '1.00' })))
    const [line = 0] = await lineOf('za malo')
    const refusals: [string[], string][] = [
      [[`${line}`], 'Say either --order, whose money it is, or --note, what was done with it.\n'],
      [
        ['999999', '--note', 'x'],
        'There is no bank line 999999: `tradepost payments bank-lines --open` lists them. Nothing was settled.\n',
      ],
      [
        [`${line}`, '--order', id],
        '129.00 PLN was asked for, 1.00 came. Nothing was confirmed: settle the difference with the customer first.\n',
      ],
      [
        [`${line}`, '--order', '01a1fb18-1cde-7342-be8c-4c9606f7aff4'],
        'No transfer was chosen for order 01a1fb18-1cde-7342-be8c-4c9606f7aff4, or there is no such order: look for a mistyped character.\n',
      ],
    ]
    for (const [args, message] of refusals) {
      const { status, stdout, stderr } = await payments('settle', ...args)
      expect([status, stdout, stderr]).toEqual([1, '', message])
    }
    expect((await payments('settle', 'x', '--note', 'y')).stderr).toContain('Write its number, such as 12.')
    expect(await statusOf(id)).toBe('to_pay')
  })

  test('open counts what waits and tells whom a refund goes to, show tells the whole story of an order', async () => {
    const { id, title } = await awaited()
    await cancel(id)
    const late = await payments('import-statement', file('late.sta', ing(transfer({ title }))))
    expect(late.stdout).toContain('To be sent back, of these: 1 transfer, 129.00 PLN. See: tradepost payments open\n')
    await payments('import-statement', file('more.sta', ing(transfer({ title, amount: '1.00' }))))
    const [late1, more] = await lineOf(title)

    const { stdout: open } = await payments('open')
    expect(open).toMatch(
      /^What came to the account and could not be booked to an order:\n {2}\d+ bank lines: payments bank-lines --open\n/,
    )
    expect(open).toContain(
      `129.00 PLN of order ${id}, which was canceled before the money came; from ${PAYER_ACCOUNT}, ŻANETA WIŚNIEWSKA\n`,
    )
    const { stdout: story } = await payments('show', id)
    expect(story).toContain(
      [
        `  2026-11-20  bank line ${late1} of 129.00 PLN from ŻANETA WIŚNIEWSKA, ${PAYER_ACCOUNT}: booked`,
        `  2026-11-20  bank line ${more} of 1.00 PLN from ŻANETA WIŚNIEWSKA, ${PAYER_ACCOUNT}: waits for a person`,
      ].join('\n'),
    )
  })

  test('a bad file is refused with its line, and nothing of it is booked', async () => {
    const { id, title } = await awaited()
    const whole = mbank(transfer({ title }))
    const cut = file('cut.sta', whole.slice(0, whole.indexOf(':62F:')))
    const { status, stdout, stderr } = await payments('import-statement', cut)
    expect([status, stdout, stderr]).toEqual([
      1,
      '',
      `Nothing was imported. ${cut}, line 1: the statement that begins here has no closing balance (:62F:), so the file is cut short: download it again.\n`,
    ])
    expect(await statusOf(id)).toBe('to_pay')

    const foreign: [string, string | Buffer, string][] = [
      ['a.zip', 'PK\x03\x04…', 'the file is a zip: unpack it and import each statement in it.'],
      ['a.pdf', '%PDF-1.7', 'the file is a PDF, for people to read: download the statement as CAMT.053 or MT940.'],
      [
        'a.csv',
        'data;kwota\n1;2\n',
        'this is neither a CAMT.053 nor an MT940 statement: choose one of them when downloading it.',
      ],
      ['empty', '', 'this is neither a CAMT.053 nor an MT940 statement: choose one of them when downloading it.'],
    ]
    for (const [name, content, message] of foreign) {
      const path = file(name, content.toString())
      expect((await payments('import-statement', path)).stderr).toBe(`Nothing was imported. ${path}: ${message}\n`)
    }
    expect((await payments('import-statement', join(directory, 'nowhere'))).stderr).toBe(
      `Cannot read ${join(directory, 'nowhere')}.\n`,
    )
    expect((await payments('import-statement', directory)).stderr).toBe(`Cannot read ${directory}.\n`)
  })

  test('a statement of another account is booked, and told', async () => {
    const { id, title } = await awaited()
    const other = 'DE89370400440532013000'
    const path = file('other.xml', camt02(transfer({ title })).replaceAll(SHOP_ACCOUNT, other))
    const { status, stderr } = await payments('import-statement', path)
    expect([status, stderr]).toEqual([
      0,
      `Note: ${other} is not the account that customers are told (TRANSFER_IBAN).\n`,
    ])
    expect(await statusOf(id)).toBe('paid')
  })

  test('what stands in a statement is shown without obeying it', async () => {
    await importText(camt02(transfer({ title: 'sztuczka \u009b2J', from: 'A\u0085B' })))
    const { stdout } = await payments('bank-lines')
    expect(stdout).toContain('A B  waits for a person\n')
    expect(stdout).not.toContain('\u009b')
  })
})
