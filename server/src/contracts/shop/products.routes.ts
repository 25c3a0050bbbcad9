import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { TSchema } from 'typebox'
import { type CatalogueRefusal, getPicture, getProduct, listProducts, type Product } from '../../catalogue/index.ts'
import type { ProductId } from '../../kernel/ids.ts'
import { toDecimal } from '../../kernel/money.ts'
import { Refused } from '../../kernel/refused.ts'
import { idIn } from '../http/ids.ts'
import { isKept, revalidate } from '../http/revalidation.ts'
import { Type } from '../http/type.ts'
import { answers } from './answers.ts'
import type { ShopContext } from './context.ts'
import { readPage, wrapPage } from './paging.ts'
import * as schemas from './schemas.ts'

const TAG = ['Products']
const Params = Type.Object({ uuid: Type.String() })

const PICTURE_TYPES: Readonly<Record<string, string>> = {
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
}

/** Another picture of the same product is seen after five minutes; a page of twenty does not ask for each of them anew. */
const PICTURE_CACHE = 'public, max-age=300'
const UNCHANGED = Type.Null({ description: 'It is still the one that `If-None-Match` names' })

/** The catalogue, open to all. */
export function productsRoutes({ db, publicUrl, pages, picturesDir }: ShopContext): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/products',
      {
        onSend: revalidate,
        schema: {
          tags: TAG,
          summary: 'Products',
          description:
            '`name` finds a part of the name without regard to case; `page_size` is 20, at most 100. May be kept by caches that ask each time, with `If-None-Match`, whether the answer is still good.',
          querystring: schemas.ProductQuery,
          response: { ...answers(schemas.page(schemas.Product), { validates: true, notFound: true }), 304: UNCHANGED },
        },
      },
      async (request) => {
        const { name, type: productType, ...query } = request.query
        const wish = readPage<ProductId>(query)
        const found = await listProducts(db, pages, { name, productType, ...wish })
        return wrapPage(publicUrl, request.url, wish, found, productToWire)
      },
    )

    app.get(
      '/products/:uuid',
      {
        onSend: revalidate,
        schema: {
          tags: TAG,
          summary: 'One product',
          params: Params,
          response: { ...answers(schemas.Product, { notFound: true }), 304: UNCHANGED },
        },
      },
      async (request) => productToWire(await getProduct(db, idIn<ProductId>(request.params.uuid))),
    )

    app.get(
      '/products/:uuid/picture',
      {
        schema: {
          tags: TAG,
          summary: "A product's picture",
          params: Params,
          response: {
            200: {
              description: 'The picture, with an `ETag`, to be kept for five minutes',
              content: { 'image/*': { schema: { type: 'string', contentMediaType: 'image/*' } } },
            },
            304: UNCHANGED,
            404: { ...schemas.Plain, description: 'Not found' },
          } as unknown as Record<number, TSchema>,
        },
      },
      async (request, reply) => {
        reply.header('cache-control', 'no-store') // until there is one to keep
        const picture = await getPicture(db, idIn<ProductId>(request.params.uuid))
        const type = PICTURE_TYPES[extname(picture).toLowerCase()]
        // Not through a link: the directory may belong to somebody who may read less than this process.
        const file = await open(join(picturesDir, picture), constants.O_RDONLY | constants.O_NOFOLLOW).catch(
          () => undefined,
        )
        const found = await file?.stat()
        if (!file || !found?.isFile() || !type) {
          await file?.close()
          throw new Refused<CatalogueRefusal>({ code: 'catalogue.picture-not-found' })
        }
        // A picture may be drawn in SVG: opened by itself, it must not run anything.
        reply.header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox")
        const tag = `"${found.size.toString(36)}-${Math.round(found.mtimeMs).toString(36)}-${found.ino.toString(36)}"`
        reply.headers({ 'cache-control': PICTURE_CACHE, etag: tag })
        if (isKept(request, tag)) {
          await file.close()
          return reply.code(304).send(undefined as never)
        }
        // Without a length: it may be replaced in place by another while it is sent.
        return reply.type(type).send(file.createReadStream())
      },
    )
  }
}

function productToWire({ id, name, description, priceMinor, productType, status, available }: Product) {
  return {
    uuid: id,
    name,
    description,
    price: toDecimal(priceMinor),
    product_type: productType,
    status,
    quantity: available,
  }
}
