export { cancelOrder } from './cancel-order.ts'
export { choosePayment } from './choose-payment.ts'
export { confirmPayment, findPayment } from './confirm-payment.ts'
export type { Gateways, PaymentGateway } from './gateway.ts'
export { expireUnpaid, sendRefunds } from './jobs.ts'
export { type NewsOutcome, type PaymentAttempt, type PaymentNews, type PaymentState, paymentState } from './payment.ts'
export { recordNews } from './record-news.ts'
export type { PaymentRefusal, StaffRefusal } from './refusals.ts'
export {
  decidePayment,
  findTestPayment,
  makeTestGateway,
  type TestPayment,
  testNews,
} from './test-gateway/test-gateway.ts'
export { confirmTransfer } from './transfer/confirm-transfer.ts'
export { type TransferCode, transferCode } from './transfer/transfer-code.ts'
export { makeTransferGateway, type TransferAccount } from './transfer/transfer-gateway.ts'
