export { type BadRow, ImportFailed, type ImportResult, importProducts } from './import/index.ts'
