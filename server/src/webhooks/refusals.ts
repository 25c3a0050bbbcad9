/** Why staff are refused, on the command line: no contract speaks of webhooks. */
export type WebhookRefusal =
  | { code: 'webhooks.bad-url'; problem: string }
  | { code: 'webhooks.unknown-kind'; kind: string; known: readonly string[] }
  | { code: 'webhooks.already-there'; url: string }
  | { code: 'webhooks.endpoint-not-found'; endpoint: string }
  | { code: 'webhooks.message-not-found'; message: string }
