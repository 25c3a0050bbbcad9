export { describeEvent } from './message.ts'
export { describeWebhooks, KINDS_IN_WORDS } from './reference.ts'
