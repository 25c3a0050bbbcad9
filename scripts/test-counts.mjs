// Prints "passed failed" of a run, from the file of vitest's JSON reporter. A file of tests that could not even be
// loaded counts as one that failed.
import fs from 'node:fs'

const { numPassedTests, numFailedTests, testResults } = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'))
const isBroken = (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed')
console.log(numPassedTests, numFailedTests + testResults.filter(isBroken).length)
