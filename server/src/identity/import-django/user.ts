import { type BadRow, findTooLong, findUnreadable } from '../../kernel/import-file/index.ts'
import { isEmail, isNobodyElsesEmail, isUsername, nameKey } from '../names.ts'
import { isLines, isOneLine, LENGTH_MAX, type ProfileText } from '../profile-texts.ts'
import { type ColumnMap, FIELDS, type Field } from './columns.ts'
import { decideJoinedAt } from './joined-at.ts'
import { decidePasswordHash, isUsable } from './password.ts'

/** A user's values as they stand in the file; undefined is what the file does not have at all. */
export type UserValues = Readonly<Partial<Record<Field, unknown>>>

/** A user as a customer. Null is what the file does not say, or says badly: then there is a problem beside it. */
export interface User {
  readonly username: string | null
  readonly usernameKey: string | null
  readonly email: string | null
  readonly emailKey: string | null
  readonly passwordHash: string | null
  readonly firstName: string | null
  readonly lastName: string | null
  readonly patronymic: string | null
  readonly phone: string | null
  readonly city: string | null
  readonly address: string | null
  /** As PostgreSQL reads it. */
  readonly joinedAt: string | null
  readonly isInactive: boolean
  readonly hasPassword: boolean
  /** Staff or superuser, which here is nothing. */
  readonly isStaff: boolean
}

export type UserProblem = Required<Pick<BadRow, 'column' | 'problem'>>

// Those of the contracts: what a customer could not have written here is not let in by the back door either.
const TEXTS: Readonly<Partial<Record<Field, ProfileText>>> = {
  username: 'username',
  email: 'email',
  first_name: 'firstName',
  last_name: 'lastName',
  patronymic: 'patronymic',
  phone: 'phone',
  city: 'city',
  address: 'address',
}
const ONE_LINE: ReadonlySet<Field> = new Set(['first_name', 'last_name', 'patronymic', 'phone', 'city'])
const YES = /^(true|t|yes|y|1)$/i
const NO = /^(false|f|no|n|0)$/i

/** Reads one user, and tells all that is wrong with it, by the file's own names of the columns. */
export function decideUser(values: UserValues, columns: ColumnMap): { user: User; problems: UserProblem[] } {
  const problems = new Map<Field, string>()
  const texts = new Map<Field, string>()
  for (const field of FIELDS) {
    const text = textOf(values[field])
    const problem = text === undefined ? findMissing(field, columns) : findUnfit(field, text)
    if (problem) problems.set(field, problem)
    else if (typeof text === 'string') texts.set(field, text)
  }
  /** Judges a text that is there, and has not been found bad already. */
  function read<T>(field: Field, decide: (text: string) => T | { problem: string }): T | null {
    const text = texts.get(field)
    if (text === undefined) return null
    const decided = decide(text)
    if (typeof decided !== 'object' || decided === null || !('problem' in decided)) return decided
    problems.set(field, decided.problem)
    return null
  }

  const email = read('email', (text) => decideEmail(text, texts.get('username') ?? ''))
  const username = read('username', (text) => decideUsername(text, email))
  const hash = read('password', decidePasswordHash)
  const isActive = read('is_active', decideActive) ?? true
  const text = (field: Field) => read(field, (value) => value)
  const isYes = (field: Field) => YES.test(texts.get(field) ?? '')
  const user = {
    username,
    usernameKey: username && nameKey(username),
    email,
    emailKey: email && nameKey(email),
    passwordHash: hash,
    firstName: text('first_name'),
    lastName: text('last_name'),
    patronymic: text('patronymic'),
    phone: text('phone'),
    city: text('city'),
    address: text('address'),
    joinedAt: read('date_joined', (value) => (value === '' ? null : decideJoinedAt(value))),
    isInactive: !isActive,
    hasPassword: hash !== null && isUsable(hash),
    isStaff: isYes('is_staff') || isYes('is_superuser'),
  }
  return {
    user,
    problems: FIELDS.flatMap((field) => {
      const problem = problems.get(field)
      return problem ? [{ column: columns.names[field] ?? field, problem }] : []
    }),
  }
}

/** Trimmed; what JSON has for nothing and what MySQL writes for it are empty. Undefined: not in the file; null: no text. */
function textOf(value: unknown): string | null | undefined {
  if (value === undefined) return undefined
  if (value === null || value === '\\N') return ''
  if (typeof value === 'string') return value.trim()
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null
}

function findMissing(field: Field, { required }: ColumnMap): string | undefined {
  return required.has(field) ? 'is missing' : undefined
}

function findUnfit(field: Field, text: string | null): string | undefined {
  if (text === null) return 'is no text'
  if (!text.isWellFormed()) return 'holds half a character: take it out'
  const name = TEXTS[field]
  const unfit = findUnreadable(text) ?? findTooLong(text, name && LENGTH_MAX[name])
  if (unfit) return unfit
  if (ONE_LINE.has(field) && !isOneLine(text)) return 'holds a tab or a line break: take it out'
  return field === 'address' && !isLines(text) ? 'holds a control character: take it out' : undefined
}

function decideEmail(email: string, username: string): string | { problem: string } {
  if (isEmail(email)) return email
  if (email !== '') return { problem: `${shown(email)} is no e-mail address` }
  const advice = isEmail(username) ? '; where usernames are e-mail addresses, --columns email=username takes them' : ''
  return { problem: `is missing: a customer needs one${advice}` }
}

function decideUsername(username: string, email: string | null): string | { problem: string } {
  if (username === '') return { problem: 'is missing' }
  if (!isUsername(username)) return { problem: `${shown(username)} may hold only letters, digits and @ . + - _` }
  if (email !== null && !isNobodyElsesEmail(username, email)) {
    return { problem: `${shown(username)} looks like an e-mail address and is not this user's own` }
  }
  return username
}

function decideActive(text: string): boolean | { problem: string } {
  if (YES.test(text)) return true
  if (NO.test(text)) return false
  return { problem: `${shown(text)} is neither true nor false` }
}

/** A terminal obeys some characters that nobody sees. */
function shown(text: string): string {
  return `"${text.slice(0, 40).replace(/\p{C}/gu, '\uFFFD')}"`
}
