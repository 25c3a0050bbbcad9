// Imported before anything else: says in words what an older Node would say in riddles.
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Tradepost needs Node.js 20.19 or newer; this is ${process.versions.node}. See https://nodejs.org/`)
  process.exit(1)
}
