import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { formOf, mediaTypeOf } from '../api/bodies.ts'
import { FAULT_FIELDS, readFault } from '../faults/read-fault.ts'
import { sendPage } from '../html.ts'
import { BUYER_ACTIONS } from '../orders/buyer.ts'
import type { Simulation } from '../simulation.ts'
import type { PayuSimulator } from '../simulator.ts'
import { controlPage } from './page.ts'
import { CONTROL_STYLE } from './style.ts'

type Given = Readonly<Record<string, unknown>>

/** `/_simulator`: what the returned handle can do, for programs that only speak HTTP, and for people. */
export function controlRoutes(app: FastifyInstance, simulation: Simulation, simulator: PayuSimulator): void {
  app.addHook('onRequest', refuseOtherSites)
  app.setErrorHandler<Error & { statusCode?: number }>((error, _request, reply) => {
    const httpStatus = error instanceof RangeError ? 400 : (error.statusCode ?? 500)
    if (httpStatus >= 500) simulation.say(`bug in the simulator: ${error.stack}`)
    return reply.code(httpStatus).send({ error: httpStatus >= 500 ? 'bug in the simulator' : error.message })
  })

  app.get<{ Querystring: { live?: unknown } }>('/_simulator', async (request, reply) =>
    sendPage(reply, {
      title: 'PayU simulator',
      style: CONTROL_STYLE,
      content: controlPage(simulation, simulator),
      ...(request.query.live !== undefined && { refreshSeconds: 2 }),
    }),
  )
  app.get('/_simulator/orders', async () => simulator.orders())
  app.get('/_simulator/requests', async () => simulator.requests)
  app.get('/_simulator/faults', async () => simulator.faults.list())

  app.post('/_simulator/faults', async (request, reply) => {
    const id = simulator.faults.add(readFault(givenFault(request)))
    return done(request, reply.code(201), { id })
  })
  app.delete('/_simulator/faults', async (_request, reply) => {
    simulator.faults.clear()
    return reply.code(204).send()
  })
  app.delete<{ Params: { id: string } }>('/_simulator/faults/:id', async ({ params }, reply) =>
    reply.code(simulator.faults.remove(Number(params.id)) ? 204 : 404).send(),
  )
  // A form cannot delete.
  app.post<{ Params: { id: string } }>('/_simulator/faults/:id/remove', async (request, reply) => {
    simulator.faults.remove(Number(request.params.id))
    return done(request, reply, {})
  })

  app.post<{ Params: { orderId: string } }>('/_simulator/orders/:orderId/act', async (request, reply) => {
    const { action: wanted } = given(request)
    const action = BUYER_ACTIONS.find((known) => known === wanted)
    if (!action) throw new RangeError(`action: one of ${BUYER_ACTIONS.join(', ')}`)
    const returnTo = simulator.act(request.params.orderId, action)
    return done(request, reply, { returnTo })
  })
  app.post('/_simulator/deliver', async (request, reply) => {
    await simulator.deliverNow()
    return done(request, reply, {})
  })
  app.post('/_simulator/settle', async (request, reply) => {
    await simulator.settle()
    return done(request, reply, {})
  })
  app.post('/_simulator/advance', async (request, reply) => {
    const seconds = Number(given(request).seconds)
    if (!(seconds >= 0 && seconds <= SECONDS_MAX)) throw new RangeError(`seconds: from 0 to ${SECONDS_MAX}`)
    await simulator.advance(seconds)
    return done(request, reply, {})
  })

  function done(request: FastifyRequest, reply: FastifyReply, answer: object): FastifyReply {
    return isForm(request) ? reply.redirect(`${simulation.publicUrl()}/_simulator`, 303) : reply.send(answer)
  }
}

const SECONDS_MAX = 366 * 86_400

/** A page of somebody else's, open in the same browser, does not switch faults on. */
async function refuseOtherSites(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const site = request.headers['sec-fetch-site']
  if (request.method === 'GET' || site === undefined || site === 'same-origin' || site === 'none') return
  await reply.code(403).send({ error: 'not from another site' })
}

const isForm = (request: FastifyRequest): boolean => mediaTypeOf(request) === 'application/x-www-form-urlencoded'

function given(request: FastifyRequest): Given {
  if (isForm(request)) return Object.fromEntries(formOf(request))
  try {
    const value: unknown = JSON.parse(Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '{}')
    if (typeof value === 'object' && value !== null) return value as Given
  } catch {}
  throw new RangeError('the body is not a JSON object')
}

/** A form sends the fields of all kinds, all of them texts, and those that were left empty. */
function givenFault(request: FastifyRequest): Given {
  const all = given(request)
  if (!isForm(request)) return all
  const known = ['kind', 'times', ...Object.keys(FAULT_FIELDS[all.kind as keyof typeof FAULT_FIELDS] ?? {})]
  const numbers = ['times', 'seconds', 'copies', 'httpStatus']
  return Object.fromEntries(
    Object.entries(all)
      .filter(([name, value]) => known.includes(name) && value !== '')
      .map(([name, value]) => [name, numbers.includes(name) ? Number(value) : value]),
  )
}
