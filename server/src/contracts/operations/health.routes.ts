import type { FastifyPluginAsync } from 'fastify'
import type { Db } from '../../store/database.ts'

const READY_WITHIN_MS = 2_000

/** For whoever watches over the server: is the process alive, and can it do its work? */
export function healthRoutes(db: Db, isClosing: () => boolean): FastifyPluginAsync {
  return async (app) => {
    const hidden = { schema: { hide: true } }
    app.get('/health/live', hidden, async () => ({ status: 'ok' }))
    app.get('/health/ready', hidden, async (_request, reply) => {
      const ready = !isClosing() && (await answersInTime(db))
      return reply.code(ready ? 200 : 503).send({ status: ready ? 'ok' : 'unavailable' })
    })
  }
}

async function answersInTime(db: Db): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, READY_WITHIN_MS, false)
  })
  const answer = db.query({ text: 'select 1' }).then(
    () => true,
    () => false,
  )
  return Promise.race([answer, tooLate]).finally(() => clearTimeout(timer))
}
