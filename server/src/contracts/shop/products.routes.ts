import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type, { type TSchema } from 'typebox'
import { type CatalogueRefusal, getPicture, getProduct, listProducts, type Product } from '../../catalogue/index.ts'
import type { ProductId } from '../../kernel/ids.ts'
import { toDecimal } from '../../kernel/money.ts'
import { Refused } from '../../kernel/refused.ts'
import { idIn } from '../http/ids.ts'
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

/** The catalogue, open to all. */
export function productsRoutes({ db, publicUrl, picturesDir }: ShopContext): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/products',
      {
        schema: {
          tags: TAG,
          summary: 'Products',
          description: '`name` finds a part of the name without regard to case; `page_size` is 20, at most 100.',
          querystring: schemas.ProductQuery,
          response: answers(schemas.page(schemas.Product), { validates: true, notFound: true }),
        },
      },
      async (request) => {
        const { name, type: productType, ...query } = request.query
        const wish = readPage(query)
        const found = await listProducts(db, { name, productType, ...wish })
        return wrapPage(publicUrl, request.url, wish, found, productToWire)
      },
    )

    app.get(
      '/products/:uuid',
      {
        schema: {
          tags: TAG,
          summary: 'One product',
          params: Params,
          response: answers(schemas.Product, { notFound: true }),
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
              description: 'The picture',
              content: { 'image/*': { schema: { type: 'string', contentMediaType: 'image/*' } } },
            },
            404: { ...schemas.Plain, description: 'Not found' },
          } as unknown as Record<number, TSchema>,
        },
      },
      async (request, reply) => {
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
        reply.headers({ 'content-type': type, 'content-length': found.size, 'cache-control': 'public, max-age=3600' })
        reply.header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox")
        return reply.send(file.createReadStream())
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
