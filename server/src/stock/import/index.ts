export { type ImportOptions, type ImportResult, importProducts } from './import-products.ts'
