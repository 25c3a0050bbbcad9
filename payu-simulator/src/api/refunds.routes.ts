import type { FastifyInstance } from 'fastify'
import { requestRefund } from '../orders/request-refund.ts'
import type { Simulation } from '../simulation.ts'
import { readJsonObject } from './fields.ts'
import type { Door } from './index.ts'
import { notFound } from './payu-error.ts'
import { readRefundRequest } from './refund-request.ts'
import { refundShape } from './shapes.ts'

/** PayU's own SDK posts to the singular path. */
const PATHS = ['/orders/:orderId/refunds', '/orders/:orderId/refund']

export function refundRoutes(app: FastifyInstance, simulation: Simulation, door: Door): void {
  for (const path of PATHS) {
    app.post<{ Params: { orderId: string } }>(path, { config: { call: 'refund' } }, async (request) => {
      const order = door.getOrder(request, request.params.orderId)
      const refund = requestRefund(simulation, order, readRefundRequest(readJsonObject(request.body)))
      return {
        orderId: order.orderId,
        refund: refundShape(refund, 'answer'),
        status: { statusCode: 'SUCCESS', statusDesc: 'Refund queued for processing' },
      }
    })

    app.get<{ Params: { orderId: string } }>(path, { config: { call: 'refunds' } }, async (request) => {
      const { refunds } = door.getOrder(request, request.params.orderId)
      const all = refunds.map((refund) => refundShape(refund, 'answer'))
      if (door.posOf(request).refundList === 'documented') return all
      return { refunds: all.length > 0 && all }
    })

    app.get<{ Params: { orderId: string; refundId: string } }>(
      `${path}/:refundId`,
      { config: { call: 'refunds' } },
      async (request) => {
        const { refunds } = door.getOrder(request, request.params.orderId)
        const refund = refunds.find(({ refundId }) => refundId === request.params.refundId)
        if (!refund) throw notFound('There is no such refund')
        return refundShape(refund, 'answer')
      },
    )
  }
}
