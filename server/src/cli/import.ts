import { createReadStream } from 'node:fs'
import { access, constants, stat } from 'node:fs/promises'
import { Command } from 'commander'
import { OperatorError } from '../kernel/operator-error.ts'
import { ImportFailed, type ImportResult, importProducts } from '../stock/index.ts'
import { withStore } from './run.ts'

/** More bad rows than this are counted, not shown. */
const BAD_ROWS_SHOWN = 50

export function importCommand(): Command {
  return new Command('import')
    .description('add or update products and their stock from a CSV file: all of it, or nothing if a row is bad')
    .argument('<file>', 'the CSV file, in UTF-8')
    .addHelpText(
      'after',
      `
Columns, in any order (the last four may be left out):
  sku, name, description, price, product_type, status, picture, warehouse, quantity

  price      1299.00, in the shop's currency (CURRENCY)
  status     new, regular (the default), sale; draft and withdrawn products are not shown
  picture    the name of a file in DATA_DIR/pictures
  warehouse  made if there is none of that name; "main" when only a quantity is given
  quantity   pieces on hand there now; a repeated sku with another warehouse adds stock there

Importing the same file again changes nothing; a changed one updates.`,
    )
    .action(async (file: string) => {
      await withStore(async ({ currency }, { db }) => {
        const found = await stat(file).catch(() => undefined)
        const isReadable = await access(file, constants.R_OK).then(
          () => true,
          () => false,
        )
        if (!isReadable || found?.isDirectory()) throw new OperatorError(`Cannot read ${file}.`)
        const progress = progressLine()
        try {
          const result = await importProducts(db, createReadStream(file), { currency, onProgress: progress.show })
          progress.clear()
          console.log(summary(result))
        } catch (error) {
          progress.clear()
          throw error instanceof ImportFailed ? new OperatorError(badRows(file, error)) : error
        }
      })
    })
}

/** One line that counts, where somebody watches. */
function progressLine(): { show: (rows: number) => void; clear: () => void } {
  const { stderr } = process
  if (!stderr.isTTY) return { show: () => {}, clear: () => {} }
  return {
    show: (rows) => stderr.write(`\r${rows.toLocaleString('en')} rows read …`),
    clear: () => stderr.write('\r\x1b[K'),
  }
}

function summary({ products, stockRows, warehousesAdded }: ImportResult): string {
  const { added, changed, unchanged } = products
  const lines = [`Products: ${added} added, ${changed} changed, ${unchanged} unchanged. Stock rows: ${stockRows}.`]
  if (warehousesAdded.length > 0) lines.push(`New warehouses: ${warehousesAdded.join(', ')}.`)
  return lines.join('\n')
}

function badRows(file: string, { badRows, total }: ImportFailed): string {
  const shown = badRows
    .slice(0, BAD_ROWS_SHOWN)
    .map(({ line, column, problem }) => `  line ${line}${column ? `, ${column}` : ''}: ${problem}`)
  const more = total > shown.length ? [`  … and ${total - shown.length} more`] : []
  return [
    `Nothing was imported: ${file} has ${total === 1 ? 'a bad row' : `${total} bad rows`}.`,
    ...shown,
    ...more,
  ].join('\n')
}
