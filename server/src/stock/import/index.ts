export { type BadRow, ImportFailed } from './bad-rows.ts'
export { type ImportOptions, type ImportResult, importProducts } from './import-products.ts'
