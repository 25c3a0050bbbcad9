export { type BlockedCustomer, blockCustomer, unblockCustomer } from './block-customer.ts'
export { type CustomerFile, findCustomerFile } from './find-customer-file.ts'
