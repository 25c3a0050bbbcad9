import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { addLine, type BucketLine, changeQuantity, emptyBucket, listLines, removeLine } from '../../bucket/index.ts'
import type { BucketLineId, ProductId } from '../../kernel/ids.ts'
import { toDecimal, toMajorNumber } from '../../kernel/money.ts'
import { presentedBy } from '../http/front-door.ts'
import { idIn } from '../http/ids.ts'
import { Type } from '../http/type.ts'
import { answers, SIGNED_IN, SIGNED_IN_TO_CHANGE } from './answers.ts'
import type { ShopContext } from './context.ts'
import { wrapAll } from './paging.ts'
import * as schemas from './schemas.ts'

const TAG = ['Bucket']
const Params = Type.Object({ bucket_uuid: Type.String() })
const REMOVED = { status: 'OK' as const, message: 'product removed' }

/** The customer's bucket. */
export function bucketRoutes({ db }: ShopContext): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/bucket',
      {
        config: { signedIn: true },
        schema: {
          tags: TAG,
          summary: 'Customer products in bucket',
          description: 'All of it on one page. `value` is the price of one piece as it is now.',
          security: SIGNED_IN,
          response: answers(schemas.page(schemas.BucketLine), { signedIn: true }),
        },
      },
      async (request) => {
        const items = await listLines(db, presentedBy(request))
        return wrapAll(items, lineToWire)
      },
    )

    app.post(
      '/bucket',
      {
        config: { signedIn: true },
        schema: {
          tags: TAG,
          summary: 'Add products to bucket',
          description: 'Looks whether there is enough, and reserves nothing: that is done when the order is created.',
          security: SIGNED_IN_TO_CHANGE,
          body: schemas.AddLineBody,
          response: answers(schemas.AddLineAnswer, {
            validates: true,
            signedIn: true,
            business: {
              409: '1041 Product already in bucket, 1042 Product not avaliable, 1043 not enough products in magazines, 1044 bucket is full',
            },
          }),
        },
      },
      async (request) => {
        const { quantity, product } = request.body
        const productId = product.toLowerCase() as ProductId
        const line = await addLine(db, presentedBy(request), { productId, quantity })
        return { customer: line.customerId, quantity, product: productId, value: toMajorNumber(line.unitPriceMinor) }
      },
    )

    app.delete(
      '/bucket',
      {
        config: { signedIn: true },
        schema: {
          tags: TAG,
          summary: 'Empty the bucket',
          security: SIGNED_IN_TO_CHANGE,
          response: answers(schemas.Done, { signedIn: true }),
        },
      },
      async (request) => {
        await emptyBucket(db, presentedBy(request))
        return REMOVED
      },
    )

    app.route({
      method: ['PUT', 'PATCH', 'POST'],
      url: '/bucket/:bucket_uuid',
      config: { signedIn: true },
      schema: {
        tags: TAG,
        summary: 'Update quantity of products in bucket',
        description: '0 removes the line and answers like DELETE.',
        security: SIGNED_IN_TO_CHANGE,
        params: Params,
        body: schemas.QuantityBody,
        response: answers(schemas.QuantityAnswer, {
          validates: true,
          signedIn: true,
          notFound: true,
          business: { 409: '1043 not enough products in magazines' },
        }),
      },
      handler: async (request) => {
        const id = idIn<BucketLineId>(request.params.bucket_uuid)
        const { quantity } = request.body
        if (quantity === 0) {
          await removeLine(db, presentedBy(request), id)
          return REMOVED
        }
        await changeQuantity(db, presentedBy(request), id, quantity)
        return { quantity }
      },
    })

    app.delete(
      '/bucket/:bucket_uuid',
      {
        config: { signedIn: true },
        schema: {
          tags: TAG,
          summary: 'Remove products from bucket',
          security: SIGNED_IN_TO_CHANGE,
          params: Params,
          response: answers(schemas.Done, { signedIn: true, notFound: true }),
        },
      },
      async (request) => {
        await removeLine(db, presentedBy(request), idIn<BucketLineId>(request.params.bucket_uuid))
        return REMOVED
      },
    )
  }
}

function lineToWire({ id, productId, quantity, unitPriceMinor }: BucketLine) {
  return { quantity, product: productId, value: toDecimal(unitPriceMinor), bucket_uuid: id }
}
