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
    try {
      return await new Response(new Uint8Array(body), { headers }).formData()
    } catch (cause) {
      throw new Refused<AccountsOwnRefusal>({ code: 'accounts.bad-form' }, { cause })
    }
  })
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
  if (new Set(fields).size < fields.length) throw new Refused<AccountsOwnRefusal>({ code: 'accounts.bad-form' })
  refuseOthers(fields)
  const texts: Record<string, string> = {}
  for (const field of EDITABLE) if (form.has(field)) texts[field] = readText(field, form.get(field))
  const avatar = form.get('avatar')
  if (avatar === null) return { texts, avatar: undefined }
  if (typeof avatar === 'string') return { texts, avatar: readEmptyAvatar(avatar) }
  return { texts, avatar: await readAvatar(new Uint8Array(await avatar.arrayBuffer())) }
}

/** A form has no null: an empty value stands for it. */
function readEmptyAvatar(value: string): null {
  if (value === '' || value === 'null') return null
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
