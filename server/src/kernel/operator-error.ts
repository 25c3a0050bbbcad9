/** What whoever runs Tradepost can mend: the message is all they need, a stack trace would hide it. */
export class OperatorError extends Error {
  override readonly name: string = 'OperatorError'
}
