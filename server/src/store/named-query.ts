import type pg from 'pg'
import utils from 'pg/lib/utils.js'

/** What this needs of the driver's connection: the messages of PostgreSQL's extended query protocol. */
interface Connection {
  readonly stream: { cork(): void; uncork(): void }
  /** By name, and their texts: those that PostgreSQL has prepared, and those it was asked to prepare. */
  readonly parsedStatements: Record<string, string>
  readonly submittedNamedStatements: Record<string, string>
  parse(statement: { name: string; text: string }): void
  bind(portal: { statement: string; values: readonly unknown[] }): void
  describe(portal: { type: 'P'; name: string }): void
  execute(portal: { portal: string }): void
  sync(): void
}

interface Column {
  readonly name: string
  parse(text: string): unknown
}

/** What the rows of a connection's prepared statements look like, by name. */
const shapes = new WeakMap<Connection, Map<string, readonly Column[]>>()

/**
 * A prepared statement, as the driver is handed one to run. The driver's own asks at each run what the rows look like, and
 * takes longer over the answer than over a row or two. It stays the same as long as the statement is prepared, since PostgreSQL
 * refuses to run one whose columns have become others; so this asks once a connection.
 *
 * For one run. `callback` is told the outcome once, by the driver too: it sets its own around it.
 */
export class NamedQuery<Row extends pg.QueryResultRow> {
  readonly name: string
  readonly text: string
  readonly query_timeout: number | undefined
  callback: ((error: Error | null, result?: pg.QueryResult<Row>) => void) | undefined
  readonly #values: readonly unknown[]
  readonly #types: pg.CustomTypesConfig
  readonly #rows: Row[] = []
  #connection: Connection | undefined
  #columns: readonly Column[] | undefined
  #rowCount: number | null = null
  #failure: Error | undefined

  constructor(config: pg.QueryConfig & { name: string; query_timeout?: number }, types: pg.CustomTypesConfig) {
    this.name = config.name
    this.text = config.text
    this.query_timeout = config.query_timeout
    this.#values = config.values ?? []
    this.#types = types
  }

  /** Sends it; what is wrong with it before anything was sent is handed back. */
  submit(connection: Connection): Error | null {
    const { name, text } = this
    let values: readonly unknown[]
    try {
      values = this.#values.map((value) => utils.prepareValue(value))
    } catch (error) {
      return error as Error
    }
    this.#connection = connection
    this.#columns = shapes.get(connection)?.get(name)
    connection.stream.cork()
    if (connection.parsedStatements[name] === undefined && connection.submittedNamedStatements[name] === undefined) {
      connection.parse({ name, text })
      connection.submittedNamedStatements[name] = text
    }
    connection.bind({ statement: name, values })
    if (!this.#columns) connection.describe({ type: 'P', name: '' })
    connection.execute({ portal: '' })
    connection.sync()
    connection.stream.uncork()
    return null
  }

  handleRowDescription({ fields }: { fields: readonly pg.FieldDef[] }): void {
    this.#columns = fields.map(({ name, dataTypeID }) => ({
      name,
      parse: this.#types.getTypeParser(dataTypeID, 'text'),
    }))
  }

  handleDataRow({ fields }: { fields: readonly (string | null)[] }): void {
    if (this.#failure) return
    try {
      this.#rows.push(toRow<Row>(this.#columns ?? [], fields))
    } catch (error) {
      this.#failure = error as Error
    }
  }

  handleCommandComplete({ text }: { text: string }): void {
    const [count] = /\d+$/.exec(text) ?? []
    this.#rowCount = count === undefined ? null : Number(count)
  }

  handleError(error: Error): void {
    this.callback?.(error)
  }

  handleReadyForQuery(): void {
    if (this.#failure) {
      this.handleError(this.#failure)
      return
    }
    this.#rememberShape()
    const result = { rows: this.#rows, rowCount: this.#rowCount } as pg.QueryResult<Row>
    this.callback?.(null, result)
  }

  /** A statement without rows was not described: it has no columns. */
  #rememberShape(): void {
    const connection = this.#connection as Connection
    const known = shapes.get(connection)
    if (known?.has(this.name)) return
    const columns = this.#columns ?? []
    if (known) known.set(this.name, columns)
    else shapes.set(connection, new Map([[this.name, columns]]))
  }
}

function toRow<Row>(columns: readonly Column[], fields: readonly (string | null)[]): Row {
  // Behind a pooler that prepares anew, a statement may have become another one without a word.
  if (fields.length !== columns.length)
    throw new Error(`a row of ${fields.length} columns, where ${columns.length} were told of`)
  const row: Record<string, unknown> = {}
  for (let place = 0; place < columns.length; place++) {
    const { name, parse } = columns[place] as Column
    const text = fields[place] as string | null
    row[name] = text === null ? null : parse(text)
  }
  return row as Row
}
