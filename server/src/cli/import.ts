import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Command } from 'commander'
import { ImportFailed } from '../kernel/import-file/index.ts'
import { OperatorError } from '../kernel/operator-error.ts'
import { type ImportResult, importProducts } from '../stock/index.ts'
import { nothingImported, openFile, progressLine } from './import-file.ts'
import { withStore } from './run.ts'

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
      await withStore(
        async ({ currency, dataDir }, { db }) => {
          const pictures = join(dataDir, 'pictures')
          const picturesKnown = new Set(await readdir(pictures).catch(() => []))
          const input = await openFile(file)
          const progress = progressLine()
          try {
            const result = await importProducts(db, input, { currency, picturesKnown, onProgress: progress.show })
            progress.clear()
            console.log(summary(result, pictures))
          } catch (error) {
            progress.clear()
            throw error instanceof ImportFailed ? new OperatorError(nothingImported(file, error)) : error
          }
        },
        { mayBeFirst: true },
      )
    })
}

function summary({ products, stockRows, warehousesAdded, picturesMissing }: ImportResult, pictures: string): string {
  const { added, changed, unchanged } = products
  const lines = [`Products: ${added} added, ${changed} changed, ${unchanged} unchanged. Stock rows: ${stockRows}.`]
  if (warehousesAdded.length > 0) lines.push(`New warehouses: ${warehousesAdded.join(', ')}.`)
  if (picturesMissing.length > 0) {
    const more = picturesMissing.length > PICTURES_SHOWN ? ', …' : ''
    lines.push(
      `Pictures still to be put into ${pictures}: ${picturesMissing.slice(0, PICTURES_SHOWN).join(', ')}${more}.`,
    )
  }
  return lines.join('\n')
}

const PICTURES_SHOWN = 10
