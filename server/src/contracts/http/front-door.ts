import type { FastifyInstance, FastifyRequest } from 'fastify'
import {
  findCaller,
  type Jwts,
  notSignedIn,
  type Presented,
  presentToken,
  type SessionActivity,
} from '../../identity/index.ts'
import { type Refusal, Refused } from '../../kernel/refused.ts'
import type { Database, Db } from '../../store/database.ts'
import { type Credential, credentialOf, credentialsOf } from './credentials.ts'
import { refusalsAtTheDoor, withReplies } from './documented-replies.ts'
import { answerFailure, type Voice } from './failure.ts'
import { readJsonBodies } from './json-body.ts'
import type { HttpRefusal } from './refusals.ts'
import { makeValidatorCompiler } from './validation.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Only for customers who are signed in. */
    signedIn?: boolean
    /** Refuses what another site made the browser send: for routes that need no CSRF token and yet do something. */
    sameSite?: boolean
    /** Asks for a CSRF token although nobody need be signed in. */
    csrf?: boolean
    /** Costs so much, or tells so much, that nobody may do it as often as they like. */
    throttled?: boolean
  }
  interface FastifyRequest {
    /** Whoever presents a credential on a route for signed-in customers. */
    presented: Presented | null
  }
}

/** What the doors of all contracts have in common. */
export interface DoorContext {
  readonly db: Database
  readonly jwts: Jwts
  readonly sessionActivity: SessionActivity
  /** Without a trailing slash. */
  readonly publicUrl: string
}

/** What a contract does its own way. */
export interface FrontDoor extends Voice {
  /** Why an unsafe request may be forged; undefined when it carries the right token, or needs none. */
  readonly findForgery: (request: FastifyRequest, credential: Credential | undefined) => HttpRefusal | undefined
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Sets a contract's door into its plugin: bodies are read strictly, credentials and CSRF tokens looked at before anything
 * of the request is, and every refusal of every room is answered in the contract's words.
 *
 * Only what can be told without the database is told at the door; whether the session lives, the route's own statement
 * finds out in its one round trip. Until then a stranger hears of nothing else that is wrong with the request.
 */
export function openFrontDoor(app: FastifyInstance, context: DoorContext, door: FrontDoor): void {
  const { db, sessionActivity, publicUrl } = context
  const ownOrigin = new URL(publicUrl).origin
  readJsonBodies(app)
  app.setValidatorCompiler(makeValidatorCompiler())
  app.decorateRequest('presented', null)
  app.addHook('onRoute', (route) => {
    if (!route.schema) return
    const request = { log: app.log } as FastifyRequest
    const refused = refusalsAtTheDoor(route).map((refusal) => door.replyTo(refusal, request))
    route.schema.response = withReplies(route.schema.response, [...refused, door.failure])
  })

  app.addHook('onRequest', async (request, reply) => {
    const { signedIn, sameSite, csrf } = request.routeOptions.config
    if (signedIn || sameSite || csrf) reply.header('cache-control', 'no-store')
    if (sameSite) refuseCrossSite(request, ownOrigin)
    if (!signedIn && !csrf) return

    const credential = credentialOf(request.headers)
    if (signedIn) {
      if (!credential) throw notSignedIn()
      request.presented = await present(context, credential)
    }
    const forgery = SAFE_METHODS.has(request.method) ? undefined : door.findForgery(request, credential)
    if (forgery) throw new Refused<HttpRefusal>(forgery)
  })

  app.addHook('onResponse', (request, reply, done) => {
    if (request.presented && reply.statusCode < 400) sessionActivity.note(request.presented)
    done()
  })

  app.setErrorHandler(answerFailure(door, (refusal, request) => whatStrangersHear(db, refusal, request)))
}

/** Whoever presents a credential on a route for signed-in customers. */
export function presentedBy(request: FastifyRequest): Presented {
  if (!request.presented) throw notSignedIn()
  return request.presented
}

/** All that a request presents, for what ends sessions; credentials that cannot be read are none. */
export async function allPresentedBy(context: DoorContext, request: FastifyRequest): Promise<Presented[]> {
  const presented = credentialsOf(request.headers).map((credential) =>
    present(context, credential).catch(() => undefined),
  )
  return (await Promise.all(presented)).filter((found) => found !== undefined)
}

/** @throws identity.bad-jwt */
async function present({ jwts }: DoorContext, { token, isJwt }: Credential): Promise<Presented> {
  return isJwt ? await jwts.present(token) : presentToken(token)
}

/** What is wrong with the request itself is nothing that a stranger should hear: that they are one goes before. */
async function whatStrangersHear(db: Db, refusal: Refusal, { presented }: FastifyRequest): Promise<Refusal> {
  const isOfTheRequest = refusal.code.startsWith('http.') && refusal.code !== 'http.unavailable'
  if (!isOfTheRequest || !presented) return refusal
  try {
    return (await findCaller(db, presented)) ? refusal : notSignedIn().refusal
  } catch {
    return refusal // whoever it is, this is still what is wrong
  }
}

function refuseCrossSite({ headers, protocol, host }: FastifyRequest, ownOrigin: string): void {
  const { origin } = headers
  const site = headers['sec-fetch-site']
  const isOwn =
    origin === undefined
      ? site !== 'cross-site' && site !== 'same-site'
      : origin === ownOrigin || origin === `${protocol}://${host}`
  if (!isOwn) throw new Refused<HttpRefusal>({ code: 'http.cross-site' })
}
