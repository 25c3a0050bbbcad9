export { acceptHeld } from './accept-held.ts'
export { cancelOrder } from './cancel-order.ts'
export { choosePayment, type PaymentWish } from './choose-payment.ts'
export { confirmPayment, findPayment } from './confirm-payment.ts'
export { expireUnpaid } from './expire-unpaid.ts'
export {
  type Buyer,
  type Charge,
  ChargeRefused,
  type GatewayMessage,
  type Gateways,
  GatewayUnavailable,
  gatewayNamed,
  listOffers,
  type Offer,
  type PaymentGateway,
} from './gateway.ts'
export { findOrderByTitle, getPaymentStory, type PaymentStory } from './get-payment-story.ts'
export { listOpenMatters, type OpenMatters } from './list-open.ts'
export {
  type NewsOutcome,
  type Payment,
  type PaymentAttempt,
  type PaymentNews,
  type PaymentState,
  paymentState,
} from './payment.ts'
export { makePayuGateway, type PayuGateway, type PayuGatewayOptions, PayuMisconfigured } from './payu/index.ts'
export { deleteOldMessages, handleWaitingMessages, type MessageOutcome, receiveMessage } from './receive-message.ts'
export { reconcile } from './reconcile.ts'
export { recordNews } from './record-news.ts'
export { recordRefundNews } from './record-refund-news.ts'
export type { Refund, RefundNews, RefundOutcome } from './refund.ts'
export { type RefundWish, refundOrder } from './refund-order.ts'
export type { RefundOfOrder } from './refunds.sql.ts'
export type { PaymentRefusal, StaffRefusal } from './refusals.ts'
export { sendRefunds } from './send-refunds.ts'
export { confirmRefund, refundAgain } from './settle-refund.ts'
export type { BankLine, BankLineReason, BookedAs } from './transfer/bank-lines/bank-line.ts'
export { type ImportedStatement, importStatement } from './transfer/bank-lines/import-statement.ts'
export { listBankLines, type Suggestion, suggestFor } from './transfer/bank-lines/list-bank-lines.ts'
export { bookBankLines, settleBankLines } from './transfer/bank-lines/settle-bank-lines.ts'
export { confirmTransfer } from './transfer/confirm-transfer.ts'
export { readStatement, STATEMENT_BYTES_MAX } from './transfer/statement/read-statement.ts'
export { BadStatement, type Statement } from './transfer/statement/statement-line.ts'
export { type TransferCode, transferCode } from './transfer/transfer-code.ts'
export { makeTransferGateway, type TransferAccount } from './transfer/transfer-gateway.ts'
