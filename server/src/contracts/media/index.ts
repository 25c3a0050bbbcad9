import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { TSchema } from 'typebox'
import { type MediaName, type MediaStore, parseMediaName } from '../../media/index.ts'
import { isKept } from '../http/revalidation.ts'
import { sendWire } from '../http/send.ts'
import { Type } from '../http/type.ts'

/** Where a file is found, below the shop's public address. */
export const mediaPath = (name: MediaName) => `/media/${name}`

const HEADERS = {
  // What is under a name never changes.
  'cache-control': 'public, max-age=31536000, immutable',
  'content-security-policy': "default-src 'none'; sandbox",
  'x-content-type-options': 'nosniff',
}
const Problem = Type.Object({ detail: Type.String() })
const ANSWERS = {
  200: {
    description: 'The picture, with an `ETag`, to be kept for ever',
    content: { 'image/webp': { schema: { type: 'string', contentMediaType: 'image/webp' } } },
  },
  304: { description: 'It is still the one that `If-None-Match` names', type: 'null' },
  404: { ...Problem, description: 'Not found' },
  503: { ...Problem, description: 'Out of reach, with `Retry-After`' },
} as unknown as Record<number, TSchema>

/** What customers have uploaded, for whoever has been told its name. */
export function mediaFiles(media: MediaStore): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/media/avatars/:name',
      {
        schema: {
          tags: ['Media'],
          summary: 'An avatar',
          description: 'A square picture. Another avatar has another address, so this one can be kept for ever.',
          params: Type.Object({ name: Type.String() }),
          response: ANSWERS,
        },
      },
      async (request, reply) => {
        const name = parseMediaName(`avatars/${request.params.name}`)
        const file = name && (await media.open(name))
        if (!file) return sendWire(reply, { status: 404, body: { detail: 'Not found.' } })
        const etag = `"${request.params.name}"`
        reply.headers({ ...HEADERS, etag })
        if (isKept(request, etag)) {
          file.bytes.destroy()
          return reply.code(304).send()
        }
        return reply.headers({ 'content-type': file.type, 'content-length': file.size }).send(file.bytes)
      },
    )
  }
}
