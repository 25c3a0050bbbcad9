import type pg from 'pg'
import { vi } from 'vitest'
import type { Database } from '../server/src/store/database.ts'
import { runAlone } from '../test/support/server-commands.ts'

/** For every connection to the database: `now()` is the simulated one, since it is found first. */
export const CLOCK_SETTINGS = { search_path: 'simulated,pg_catalog,public' }

/** A Monday morning. The same in every run, so that every run is the same. */
const BEGIN = Date.parse('2026-06-01T08:00:00Z')

/**
 * Time as the simulation has it: the database's, JavaScript's and PayU's, which stands still and is moved. No row is touched
 * for that: the shop's statements ask `now()`, and are told.
 */
export class SimulatedClock {
  readonly #db: Database
  #nowMs = BEGIN

  private constructor(db: Database) {
    this.#db = db
  }

  /** Takes the place of the clock of this database and of JavaScript's; `stop` gives the latter back. */
  static async start(connection: pg.ClientConfig, db: Database): Promise<SimulatedClock> {
    await runAlone(connection, INSTALL)
    const clock = new SimulatedClock(db)
    // Timers go on by real time: connections have their deadlines.
    vi.useFakeTimers({ toFake: ['Date'] })
    await clock.move(0)
    return clock
  }

  get now(): Date {
    return new Date(this.#nowMs)
  }

  async move(seconds: number): Promise<void> {
    this.#nowMs += seconds * 1_000
    vi.setSystemTime(this.#nowMs)
    await this.#db.query({ text: 'update simulated.clock set at = $1', values: [this.now] })
  }

  stop(): void {
    vi.useRealTimers()
  }
}

/** What a table fills in by itself is bound to the real clock when the table is made, so that is said anew. */
const INSTALL = `
  create schema simulated;
  create table simulated.clock (at timestamptz not null);
  insert into simulated.clock values ('epoch');
  create function simulated.now() returns timestamptz language sql stable as 'select at from simulated.clock';
  do $$
  declare d record;
  begin
    for d in select adrelid::regclass as tab, attname as col from pg_attrdef
               join pg_attribute on attrelid = adrelid and attnum = adnum
              where pg_get_expr(adbin, adrelid) in ('now()', 'clock_timestamp()') loop
      execute format('alter table %s alter column %I set default simulated.now()', d.tab, d.col);
    end loop;
  end $$;`
