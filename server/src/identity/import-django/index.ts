export { type ColumnMap, decideColumns } from './columns.ts'
export { type DjangoImportOptions, type DjangoImportResult, importDjango } from './import-django.ts'
