export { type ImportResult, importProducts } from './import/index.ts'
