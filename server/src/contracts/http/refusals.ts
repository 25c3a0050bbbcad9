/** What is wrong with each field, by its name on the wire; nested objects nest. */
export interface FieldProblems {
  [field: string]: string[] | FieldProblems
}

/** Why a request is refused before any room hears of it. Every contract has its own words for each. */
export type HttpRefusal =
  | { code: 'http.invalid'; problems: FieldProblems }
  | { code: 'http.malformed'; problem: string } // no JSON, no UTF-8
  | { code: 'http.bad-request'; problem: string } // what is left: odd headers, an undecodable path
  | { code: 'http.media-type'; mediaType: string }
  | { code: 'http.too-large' }
  | { code: 'http.not-found' }
  | { code: 'http.page-not-found' }
  | { code: 'http.method-not-allowed'; method: string; allowed: readonly string[] }
  | { code: 'http.csrf-missing' }
  | { code: 'http.csrf-incorrect' }
  | { code: 'http.cross-site' }
  | { code: 'http.key-reused' } // an Idempotency-Key that came before with another request
  | { code: 'http.unavailable'; retryAfterSeconds: number } // the database cannot be reached, or is too slow now

/** A reply of a contract to a refusal. */
export interface WireReply {
  readonly status: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}
