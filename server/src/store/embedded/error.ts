import { OperatorError } from '../../kernel/operator-error.ts'

/** The embedded database cannot be had. */
export class EmbeddedPostgresError extends OperatorError {
  override readonly name = 'EmbeddedPostgresError'
}

/** The way out that every such message may point at. */
export const USE_DATABASE_URL =
  'Or use a PostgreSQL server of your own: set DATABASE_URL=postgres://user:password@host/database'

/** The code of a system error, such as `ENOENT`; of a PostgreSQL error its SQLSTATE. */
export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code
}
