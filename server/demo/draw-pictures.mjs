// Draws the product pictures of the demo catalogue.
//
//   node server/demo/draw-pictures.mjs
//
// Every product in products.csv has one flat vector picture, pictures/<sku in lower case>.svg.
// The artwork is in drawing/, one module for each product type; a module has a function for
// each kind of article and a table that says which article, colours and details a sku gets.
// Nothing is random: the same script draws the same files, byte for byte.

import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { backpacks } from './drawing/backpacks.mjs'
import { bikes } from './drawing/bikes.mjs'
import { cooking } from './drawing/cooking.mjs'
import { cycling } from './drawing/cycling.mjs'
import { furniture } from './drawing/furniture.mjs'
import { lighting } from './drawing/lighting.mjs'
import { sleeping } from './drawing/sleeping.mjs'
import { tents } from './drawing/tents.mjs'
import { tools } from './drawing/tools.mjs'

const folder = fileURLToPath(new URL('./pictures/', import.meta.url))
const drawings = {
  ...tents,
  ...sleeping,
  ...backpacks,
  ...lighting,
  ...cooking,
  ...bikes,
  ...cycling,
  ...tools,
  ...furniture,
}

await mkdir(folder, { recursive: true })

const fileNames = new Set()
let totalBytes = 0
for (const [sku, draw] of Object.entries(drawings)) {
  const fileName = `${sku.toLowerCase()}.svg`
  const svg = draw()
  await writeFile(folder + fileName, svg)
  fileNames.add(fileName)
  totalBytes += Buffer.byteLength(svg)
}

// A picture whose article left the catalogue goes too.
for (const fileName of await readdir(folder)) {
  if (fileName.endsWith('.svg') && !fileNames.has(fileName)) await rm(folder + fileName)
}

console.log(`${fileNames.size} pictures, ${(totalBytes / 1024).toFixed(1)} KB, in ${folder}`)
