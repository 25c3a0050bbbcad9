export { makePayuGateway, type PayuGateway, type PayuGatewayOptions } from './payu-gateway.ts'
export { PayuMisconfigured } from './refused.ts'
