import { timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { formOf } from '../api/bodies.ts'
import { type Html, sendPage } from '../html.ts'
import { actAsBuyer, answerChallenge, canPay, decideCard, payOnPage, returnUrl } from '../orders/buyer.ts'
import { findTestCard, isBlikCode } from '../orders/means.ts'
import { type Order, totalMinor } from '../orders/order.ts'
import { offeredMethods } from '../orders/pay-methods.ts'
import type { Simulation } from '../simulation.ts'
import { withOrWithoutSlash } from '../slashes.ts'
import {
  bankPage,
  blikPage,
  cardPage,
  challengePage,
  cvvPage,
  hereUrl,
  methodsPage,
  resultPage,
  unknownPage,
} from './pages.ts'
import { STYLE } from './style.ts'

/** Where the buyer chooses, pays, declines or leaves. */
export function payPage(app: FastifyInstance, simulation: Simulation): void {
  for (const path of withOrWithoutSlash(app, '/pay')) {
    app.get(path, async (request, reply) => {
      const query = new URLSearchParams(request.query as Record<string, string>)
      const order = findOrder(simulation, query)
      return order ? send(reply, pageOf(simulation, order, query)) : send(reply.code(404), unknownPage())
    })

    app.post(path, async (request, reply) => {
      const form = formOf(request)
      const order = findOrder(simulation, form)
      if (!order) return send(reply.code(404), unknownPage())
      const outcome = act(simulation, order, form)
      if (outcome === 'challenge') return send(reply, challengePage(order))
      if (outcome !== 'done') return send(reply.code(400), pageOf(simulation, order, form, outcome))
      return reply.redirect(returnUrl(order) ?? hereUrl(order), 303)
    })
  }
}

function findOrder({ ledger }: Simulation, given: URLSearchParams): Order | undefined {
  const order = ledger.find(given.get('orderId') ?? '')
  if (!order) return undefined
  const [right, token] = [Buffer.from(order.payToken), Buffer.from(given.get('token') ?? '')]
  return right.length === token.length && timingSafeEqual(right, token) ? order : undefined
}

/** The page that fits the order and what is asked for. */
function pageOf(simulation: Simulation, order: Order, given: URLSearchParams, problem?: string): Html {
  if (!canPay(order) || order.decision) return resultPage(order)
  const card = openCard(order)
  if (card && given.get('step') === 'redirect-cvv') return cvvPage(order, problem)
  if (card?.challenge) return challengePage(order)
  const methods = offeredMethods(simulation.pointOfSale(order.posId), totalMinor(order))
  const wanted = wantedMethod(order, given)
  const method = methods.find(({ value }) => value === wanted)
  if (!method) return methodsPage(order, methods, problem)
  if (method.value === 'c') return cardPage(order, problem)
  return method.value === 'blik' ? blikPage(order, problem) : bankPage(order, method, problem)
}

/** @returns `done`, `challenge` for the bank's question, or what is wrong */
function act(simulation: Simulation, order: Order, form: URLSearchParams): string {
  if (!canPay(order) || order.decision) return 'done'
  const action = form.get('action')
  const card = openCard(order)
  if (action === 'abandon' || action === 'decline') actAsBuyer(simulation, order, action)
  else if (action === 'cvv' && card) {
    if (!/^\d{3}$/.test(form.get('cvv') ?? '')) return 'The CVV has three digits.'
    return card.challenge ? 'challenge' : said(decideCard(simulation, order, card))
  } else if (card?.challenge && (action === 'confirm' || action === 'refuse')) {
    return said(answerChallenge(simulation, order, action === 'confirm'))
  } else if (action === 'pay') return pay(simulation, order, form)
  else return 'Choose what to do.'
  return 'done'
}

function pay(simulation: Simulation, order: Order, form: URLSearchParams): string {
  const method = wantedMethod(order, form)
  const offered = offeredMethods(simulation.pointOfSale(order.posId), totalMinor(order))
  if (!offered.some(({ value }) => value === method)) return 'This method is not offered.'
  if (method === 'blik') {
    const blikCode = form.get('code') ?? ''
    return isBlikCode(blikCode)
      ? said(payOnPage(simulation, order, { method, blikCode }))
      : 'A BLIK code has six digits.'
  }
  if (method !== 'c') return said(payOnPage(simulation, order, { method }))
  const cardNumber = (form.get('number') ?? '').replaceAll(' ', '')
  if (!findTestCard(cardNumber)) return 'Use one of the test cards below: no other is known here.'
  if (!/^\d{3}$/.test(form.get('cvv') ?? '123')) return 'The CVV has three digits.'
  return said(payOnPage(simulation, order, { method, cardNumber }))
}

const said = (outcome: 'approved' | 'refused' | 'challenge'): string =>
  outcome === 'approved'
    ? 'done'
    : outcome === 'challenge'
      ? 'challenge'
      : 'The payment was refused. You can try again, or go back to the shop.'

/** The shop's choice stands; otherwise the buyer's. */
function wantedMethod({ request: { means } }: Order, given: URLSearchParams): string {
  return means?.kind === 'page' ? means.method : (given.get('method') ?? '')
}

/** The card of a payment that is not decided yet. */
function openCard({ transactions }: Order) {
  const last = transactions.at(-1)
  const isOpen = last?.resultCode === undefined && last?.cardNumber !== undefined
  return isOpen ? findTestCard(last.cardNumber) : undefined
}

const send = (reply: FastifyReply, content: Html) =>
  sendPage(reply, { title: 'Pay · PayU simulator', style: STYLE, content })
