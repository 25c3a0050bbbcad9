import type { PaymentGateway } from '../gateway.ts'
import { newTransferTitle } from './title.ts'

/** Where customers send transfers: the shop's own account. */
export interface TransferAccount {
  /** Without spaces. */
  readonly iban: string
  /** Empty when it is not needed, as inside the European Economic Area. */
  readonly bic: string
  /** The account's holder. */
  readonly name: string
}

/**
 * A bank transfer behind the shape of a gateway. It cannot be asked: its money is told by staff (`confirmTransfer`) or by
 * the bank's statement, and a person sends refunds.
 */
export function makeTransferGateway(): PaymentGateway {
  return {
    name: 'transfer',
    offers: async () => [{ method: 'transfer' }],
    start: async () => ({ transferTitle: newTransferTitle() }),
    retrieve: async () => undefined,
    capture: async () => {},
    cancel: async () => {},
    refund: async () => ({ told: 'by-hand' }),
    retrieveRefund: async () => undefined,
  }
}
