import { isIP } from 'node:net'
import type { OrderRequest, Product, RequestedMeans } from '../orders/order.ts'
import { type Body, Fields } from './fields.ts'
import { invalid, invalidAs, missing } from './payu-error.ts'

const VALIDITY_SECONDS = '86400'
const BUYER_TEXTS = ['extCustomerId', 'email', 'phone', 'nin', 'language', 'birthDate']
const DELIVERY_TEXTS = [
  'street',
  'postalBox',
  'postalCode',
  'city',
  'state',
  'countryCode',
  'name',
  'recipientName',
  'recipientEmail',
  'recipientPhone',
]

/**
 * What a shop asks for, out of its body; what PayU does not know is passed over, as PayU does.
 *
 * @throws PayuError for the first field that is missing or wrong
 */
export function readOrderRequest(body: Body): OrderRequest {
  const fields = new Fields(body)
  const customerIp = readIp(fields.getText('customerIp', 64))
  const merchantPosId = fields.getWhole('merchantPosId', { min: 1 })
  const description = fields.getText('description', 4000)
  const currencyCode = fields.getText('currencyCode', 3)
  const totalAmount = fields.getWhole('totalAmount', { min: 1 })
  const products = fields.getObjects('products').map(readProduct)
  fields.findText('statementDescription', 22)
  if (fields.findOneOf('recurring', ['FIRST', 'STANDARD'])) {
    if (fields.has('cardOnFile')) throw invalid('recurring', 'not together with cardOnFile')
  }
  fields.findOneOf('cardOnFile', ['FIRST', 'STANDARD_CARDHOLDER', 'STANDARD_MERCHANT'])
  const optional = {
    extOrderId: fields.findText('extOrderId', 1024),
    additionalDescription: fields.findText('additionalDescription', 1024),
    visibleDescription: fields.findText('visibleDescription', 80),
    notifyUrl: fields.findUrl('notifyUrl'),
    continueUrl: fields.findUrl('continueUrl'),
    buyer: readBuyer(fields.findObject('buyer')),
  }
  const payMethod = fields.findObject('payMethods')?.findObject('payMethod')
  const means = payMethod && readMeans(payMethod)
  const authorization = ['PRE_AUTHORIZATION', 'FINAL_AUTHORIZATION'] as const
  const given = Object.entries(optional).filter(([, value]) => value !== undefined)
  return {
    merchantPosId,
    customerIp,
    description,
    currencyCode,
    totalAmount,
    products,
    validityTime: fields.findWhole('validityTime', { min: 1 }) ?? VALIDITY_SECONDS,
    preAuthorization:
      (payMethod?.findOneOf('authorizationType', authorization) ??
        fields.findOneOf('authorizationType', authorization)) === 'PRE_AUTHORIZATION',
    ...Object.fromEntries(given),
    ...(means && { means }),
  }
}

/** PayU takes IPv4 and IPv6 written in full, and refuses "any address". */
function readIp(value: string): string {
  const isFit = isIP(value) === 4 ? value !== '0.0.0.0' : isIP(value) === 6 && value.split(':').length === 8
  if (!isFit) throw invalid('customerIp', 'not an IPv4 address or an IPv6 address in full')
  return value
}

function readProduct(fields: Fields): Product {
  return {
    name: fields.getText('name', 255),
    // A discount is a line below zero; nor need the lines add up to the total.
    unitPrice: fields.getWhole('unitPrice', { min: -999_999_999_999 }),
    quantity: fields.getWhole('quantity', { min: 1 }),
  }
}

function readBuyer(fields: Fields | undefined): Record<string, unknown> | undefined {
  if (!fields) return undefined
  const delivery = fields.findObject('delivery')?.texts(DELIVERY_TEXTS, 1024)
  return {
    ...fields.texts(BUYER_TEXTS, 1024),
    ...fields.texts(['firstName', 'lastName'], 100),
    ...(delivery && { delivery }),
  }
}

const METHOD_TYPES = ['PAYMENT_WALL', 'PBL', 'CARD_TOKEN', 'BLIK_AUTHORIZATION_CODE', 'BLIK_TOKEN'] as const

function readMeans(fields: Fields): RequestedMeans | undefined {
  const type = fields.findOneOf('type', METHOD_TYPES)
  if (!type) throw missing('payMethods.payMethod.type')
  if (type === 'PAYMENT_WALL') return undefined
  if (type === 'BLIK_TOKEN') throw invalidAs('SINGLE_CLICK_DISABLED', 'BLIK in one click is switched off')
  const value = fields.getText('value', 1024)
  if (type === 'CARD_TOKEN') return { kind: 'card-token', token: value }
  if (type === 'BLIK_AUTHORIZATION_CODE') return { kind: 'blik-code', code: value }
  const code = fields.findText('authorizationCode', 65_536)
  if (code === undefined) return { kind: 'page', method: value }
  if (value === 'blik') return { kind: 'blik-code', code }
  if (value === 'ap' || value === 'jp') return { kind: 'wallet', method: value }
  return { kind: 'page', method: value }
}
