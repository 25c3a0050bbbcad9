// What stands behind `npm run …` is asked with options. Needs nothing that was installed: a wrong one is told before any setup.
import { parseArgs } from 'node:util'

/**
 * @typedef {object} Flag
 * @property {'boolean'} type
 *
 * @typedef {object} Text
 * @property {'string'} type
 * @property {string} [default]
 * @property {string} [should] what it should be, in words, where not every text fits
 * @property {(text: string) => boolean} [fits]
 *
 * @typedef {object} Amount a whole one with `from`; with `above` it may have a fraction
 * @property {'number'} type
 * @property {number} [default]
 * @property {number} [from]
 * @property {number} [above]
 */

/**
 * The options a command was called with, numbers as numbers. With `--help` it prints the help and ends with 0. An option that is
 * not known, or cannot be what it is, is told in one line, and the command ends with 2.
 *
 * @param {string} command as `npm run` knows it
 * @param {string} help its options, and whatever else there is to know
 * @param {Record<string, Flag | Text | Amount>} known
 */
export function readOptions(command, help, known) {
  const wanted = { ...known, help: { type: 'boolean' } }
  const { values, positionals } = parseArgs({
    // Not strict: what it throws then fills lines, and takes `--seconds -1` for two options.
    strict: false,
    options: Object.fromEntries(
      Object.entries(wanted).map(([name, { type }]) => [name, { type: type === 'boolean' ? type : 'string' }]),
    ),
  })
  if (values.help === true) {
    console.log(`npm run ${command} -- [options]\n\n${help}`)
    process.exit(0)
  }
  // A misspelt option leaves its value behind, alone: the option is what to tell of.
  const problem = problemOf(values, wanted) ?? positionals.map((text) => `${text} is no option`)[0]
  if (problem) {
    console.error(`${problem}; npm run ${command} -- --help lists the options.`)
    process.exit(2)
  }
  return Object.fromEntries(
    Object.entries(wanted).map(([name, { type, default: otherwise }]) => {
      const value = values[name] ?? otherwise
      return [name, type === 'number' && value !== undefined ? Number(value) : value]
    }),
  )
}

/** The first thing that is wrong, in words. */
function problemOf(values, wanted) {
  for (const [name, value] of Object.entries(values)) {
    const option = name.length > 1 ? `--${name}` : `-${name}`
    if (!Object.hasOwn(wanted, name)) return `${option} is no option`
    const { type, fits = () => true, should, from, above } = wanted[name]
    if (type === 'boolean' && value !== true) return `${option}=${value} should have no value`
    if (type !== 'boolean' && (value === true || value.trim() === '')) return `${option} should have a value`
    if (type === 'string' && !fits(value)) return `${option}=${value} should be ${should}`
    if (type !== 'number') continue
    if (from !== undefined && !(Number.isSafeInteger(Number(value)) && Number(value) >= from))
      return `${option}=${value} should be a whole number from ${from}`
    if (above !== undefined && !(Number.isFinite(Number(value)) && Number(value) > above))
      return `${option}=${value} should be a number above ${above}`
  }
  return undefined
}
