import { isUtf8 } from 'node:buffer'
import type { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AVATAR_BYTES_MAX, type Avatar, type AvatarIntake, getCaller, type ReadAvatar } from '../../identity/index.ts'
import { Refused } from '../../kernel/refused.ts'
import type { Db } from '../../store/database.ts'
import { type FormPart, takeApart } from '../http/form.ts'
import { presentedBy } from '../http/front-door.ts'
import type { FieldProblems, HttpRefusal } from '../http/refusals.ts'
import { bytesAnnounced, READ_AWAY_BYTES_MAX, readAway } from '../http/unread-body.ts'
import type { AccountsOwnRefusal } from './refusals.ts'

/** What a request wants changed of a profile, as JSON or as a form. What is not there stays; null takes away. */
export interface ProfileWish {
  readonly first_name?: string | null
  readonly last_name?: string | null
  readonly patronymic?: string | null
  readonly avatar?: Avatar | null
}

const FIELDS: readonly string[] = ['first_name', 'last_name', 'patronymic', 'avatar']

/** A picture and three names, with what a form puts around them. */
const FORM_BYTES_MAX = AVATAR_BYTES_MAX + 64 * 1_024
/** Far more than any of the names may have, so that it is a name that is too long and not a form that is broken. */
const TEXT_BYTES_MAX = 4_096

/**
 * Takes forms where they are meant to be, as they come in: of a picture no more is kept than a picture may have, of all
 * else next to nothing. The body is a {@link ProfileWish} then, its avatar drawn.
 *
 * Who sends it is looked at first: a picture costs more to take than who sends it. Then what is wrong is told in this
 * order: the form, a field that is not offered, what is no text or no file, the picture. The schema looks at the rest.
 */
export function readForms(app: FastifyInstance, { db, avatars }: { db: Db; avatars: AvatarIntake }): void {
  app.addContentTypeParser('multipart/form-data', async (request: FastifyRequest, source: Readable) => {
    const { customerId } = await getCaller(db, presentedBy(request))
    if (bytesAnnounced(request.raw) > READ_AWAY_BYTES_MAX) throw tooLarge()
    return avatars.admit({ customerId, address: request.ip }, (readAvatar) => readForm(request, source, readAvatar))
  })
}

/** What a form turned out to hold. */
interface Found {
  /** Of all parts, in their order. */
  readonly names: string[]
  readonly wish: Record<string, string | Avatar | null>
  readonly problems: FieldProblems
  /** Why there is no avatar, though there is a file. */
  badAvatar?: unknown
}

async function readForm(request: FastifyRequest, source: Readable, readAvatar: ReadAvatar): Promise<ProfileWish> {
  const found: Found = { names: [], wish: {}, problems: {} }
  const type = request.headers['content-type'] ?? ''
  const end = await takeApart(source, type, FORM_BYTES_MAX, (part) => take(part, found, readAvatar))
  // Who sends too much hears what is wrong, unless that takes too long.
  if (end !== 'whole' && !(await readAway(source, READ_AWAY_BYTES_MAX))) throw tooLarge()

  const { names, wish, problems, badAvatar } = found
  const isTooLarge = end === 'too-large'
  const hasTwice = new Set(names).size < names.length
  if (end === 'broken' || (hasTwice && !isTooLarge)) throw badForm()
  if (hasOthers(names)) throw notEditable()
  if (Object.keys(problems).length > 0) throw invalid(problems)
  // In a form that is too large it may only have been cut off.
  if (badAvatar && (badAvatar instanceof Refused || !isTooLarge)) throw badAvatar
  if (isTooLarge) throw tooLarge()
  return wish
}

async function take({ name, kind, bytes }: FormPart, found: Found, readAvatar: ReadAvatar): Promise<void> {
  const isTwice = found.names.includes(name)
  found.names.push(name)
  if (isTwice || !FIELDS.includes(name)) return
  try {
    if (name !== 'avatar') await takeText(name, kind, bytes, found)
    else if (kind === 'file') found.wish.avatar = await readAvatar(bytes)
    else await takeNoFile(kind, bytes, found)
  } catch (error) {
    // A text is only cut off, and its form with it.
    if (name === 'avatar') found.badAvatar = error
  }
}

async function takeText(
  name: string,
  kind: FormPart['kind'],
  bytes: Readable,
  { wish, problems }: Found,
): Promise<void> {
  const start = await readStart(bytes)
  const isCut = start.length > TEXT_BYTES_MAX
  if (kind === 'text' && (isCut || isUtf8(start))) wish[name] = start.toString()
  else problems[name] = ['Not a valid string.']
}

/** Empty is what a browser sends for a file that nobody chose; a form that takes the picture away says `null`. */
async function takeNoFile(kind: FormPart['kind'], bytes: Readable, { wish, problems }: Found): Promise<void> {
  const text = (await readStart(bytes)).toString()
  if (text === 'null' && kind === 'text') wish.avatar = null
  else if (text !== '') problems.avatar = NOT_A_FILE
}

/** As much as decides what it is. */
async function readStart(bytes: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of bytes.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk)
    length += chunk.length
    if (length > TEXT_BYTES_MAX) break
  }
  return Buffer.concat(chunks)
}

/**
 * Before the values are looked at: a field that is not offered is said first, whatever else is wrong. Only strangers hear
 * before it that they are some.
 */
export async function refuseOtherFields(db: Db, request: FastifyRequest): Promise<void> {
  const { body } = request
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return
  if (hasOthers(Object.keys(body))) {
    await getCaller(db, presentedBy(request))
    throw notEditable()
  }
}

/** JSON has no files in it. */
export async function refuseTextForAvatar({ body }: FastifyRequest): Promise<void> {
  const { avatar } = body as { avatar?: unknown }
  if (avatar !== undefined && avatar !== null && !Buffer.isBuffer(avatar)) throw invalid({ avatar: NOT_A_FILE })
}

function hasOthers(fields: readonly string[]): boolean {
  return fields.some((field) => !FIELDS.includes(field))
}

const NOT_A_FILE = ['The submitted data was not a file. Check the encoding type on the form.']

function notEditable(): Refused<AccountsOwnRefusal> {
  return new Refused<AccountsOwnRefusal>({ code: 'accounts.field-not-editable' })
}

function badForm(): Refused<AccountsOwnRefusal> {
  return new Refused<AccountsOwnRefusal>({ code: 'accounts.bad-form' })
}

function tooLarge(): Refused<HttpRefusal> {
  return new Refused<HttpRefusal>({ code: 'http.too-large' })
}

function invalid(problems: FieldProblems): Refused<HttpRefusal> {
  return new Refused<HttpRefusal>({ code: 'http.invalid', problems })
}
