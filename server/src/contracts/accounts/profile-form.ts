import type { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AVATAR_BYTES_MAX, type Avatar, type IdentityRefusal, readAvatar } from '../../identity/index.ts'
import { Refused } from '../../kernel/refused.ts'
import type { FieldProblems, HttpRefusal } from '../http/refusals.ts'
import type { AccountsOwnRefusal } from './refusals.ts'

/** What a request wants changed of a profile. What is undefined stays; null and an avatar of null take away. */
export interface ProfileWish {
  readonly texts: { readonly [field in EditableText]?: string | null }
  readonly avatar: Avatar | null | undefined
}

const EDITABLE = ['first_name', 'last_name', 'patronymic'] as const
type EditableText = (typeof EDITABLE)[number]
const TEXT_LENGTH_MAX = 150

/** A picture and three names, with what a form puts around them. */
const FORM_BYTES_MAX = AVATAR_BYTES_MAX + 64 * 1_024

/** Takes forms (RFC 7578) where they are meant to be; one that is broken in whatever way is refused as a whole. */
export function readForms(app: FastifyInstance): void {
  app.addContentTypeParser('multipart/form-data', async (request: FastifyRequest, stream: Readable) => {
    const body = await readAtMost(stream, FORM_BYTES_MAX)
    if (!body) throw new Refused<IdentityRefusal>({ code: 'identity.bad-avatar', problem: 'too-large' })
    const headers = { 'content-type': request.headers['content-type'] ?? '' }
    if (!isSmallForm(body, headers['content-type'])) throw badForm()
    try {
      return await new Response(new Uint8Array(body), { headers }).formData()
    } catch (cause) {
      throw badForm(cause)
    }
  })
}

const PARTS_MAX = 9
const PART_HEAD_BYTES_MAX = 4_096

/** Looks before it is taken apart: a form of a hundred thousand parts, or of endless heads, would hold up everybody. */
function isSmallForm(body: Buffer, contentType: string): boolean {
  const boundary = /;\s*boundary=(?:"([^"]{1,70})"|([^;\s]{1,70}))/i.exec(contentType)
  const delimiter = `--${boundary?.[1] ?? boundary?.[2] ?? ''}`
  if (delimiter === '--') return false
  let parts = 0
  for (let at = body.indexOf(delimiter); at >= 0; at = body.indexOf(delimiter, at + delimiter.length)) {
    const isEnd = body.subarray(at + delimiter.length, at + delimiter.length + 2).toString('latin1') === '--'
    if (isEnd) return true
    const head = body.subarray(at, at + delimiter.length + PART_HEAD_BYTES_MAX)
    if (++parts > PARTS_MAX || !head.includes('\r\n\r\n')) return false
  }
  return false
}

function badForm(cause?: unknown): Refused<AccountsOwnRefusal> {
  return new Refused<AccountsOwnRefusal>({ code: 'accounts.bad-form' }, { cause })
}

/** What is more is read away and not kept, so that whoever sends it hears the answer; undefined then. */
async function readAtMost(stream: Readable, bytesMax: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stream) {
    bytes += chunk.length
    if (bytes <= bytesMax) chunks.push(chunk)
    else chunks.length = 0
  }
  return bytes <= bytesMax ? Buffer.concat(chunks) : undefined
}

/**
 * Reads JSON or a form. All of it is judged before anything is changed.
 *
 * @throws accounts.field-not-editable, http.invalid, identity.bad-avatar, identity.busy
 */
export async function readProfileWish({ body }: FastifyRequest): Promise<ProfileWish> {
  return body instanceof FormData ? await readForm(body) : readJson(body as Record<string, unknown>)
}

function readJson(body: Record<string, unknown>): ProfileWish {
  refuseOthers(Object.keys(body))
  const { avatar, ...texts } = body
  if (avatar !== undefined && avatar !== null) throw notAFile()
  return { texts, avatar }
}

async function readForm(form: FormData): Promise<ProfileWish> {
  const fields = [...form.keys()]
  if (new Set(fields).size < fields.length) throw badForm()
  refuseOthers(fields)
  const texts: Record<string, string> = {}
  for (const field of EDITABLE) if (form.has(field)) texts[field] = readText(field, form.get(field))
  const avatar = form.get('avatar')
  if (avatar === null) return { texts, avatar: undefined }
  if (typeof avatar === 'string') return { texts, avatar: readNoFile(avatar) }
  return { texts, avatar: await readAvatar(new Uint8Array(await avatar.arrayBuffer())) }
}

/** Empty is what a browser sends for a file that nobody chose; a form that takes the picture away says `null`. */
function readNoFile(value: string): null | undefined {
  if (value === '') return undefined
  if (value === 'null') return null
  throw notAFile()
}

function readText(field: string, text: unknown): string {
  if (typeof text !== 'string' || !text.isWellFormed() || text.includes('\uFFFD'))
    throw invalid({ [field]: ['Not a valid string.'] })
  if (text.includes('\0')) throw invalid({ [field]: ['Null characters are not allowed.'] })
  if (Array.from(text).length > TEXT_LENGTH_MAX) {
    throw invalid({ [field]: [`Ensure this field has no more than ${TEXT_LENGTH_MAX} characters.`] })
  }
  return text
}

/** Before the values are looked at: a field that is not offered is said first, whatever else is wrong. */
export function refuseOtherFields({ body }: FastifyRequest): void {
  if (body instanceof FormData) refuseOthers([...body.keys()])
  else if (typeof body === 'object' && body !== null && !Array.isArray(body)) refuseOthers(Object.keys(body))
}

function refuseOthers(fields: readonly string[]): void {
  const known: readonly string[] = [...EDITABLE, 'avatar']
  if (fields.some((field) => !known.includes(field))) {
    throw new Refused<AccountsOwnRefusal>({ code: 'accounts.field-not-editable' })
  }
}

function notAFile(): Refused<HttpRefusal> {
  return invalid({ avatar: ['The submitted data was not a file. Check the encoding type on the form.'] })
}

function invalid(problems: FieldProblems): Refused<HttpRefusal> {
  return new Refused<HttpRefusal>({ code: 'http.invalid', problems })
}
