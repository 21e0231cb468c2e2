// Prints "N passed N failed" for a report of vitest's JSON reporter: count-tests.js REPORT EXIT_CODE.
// A run that failed without a failed test (a file that does not load, an error after the tests) counts as one failure.
import { readFileSync } from 'node:fs'

const [reportPath, exitCode] = process.argv.slice(2)
let passed = 0
let failed = 0
try {
  const report = JSON.parse(readFileSync(reportPath, 'utf8'))
  passed = report.numPassedTests
  failed = report.numFailedTests
} catch (error) {
  console.error(`no report of the tests: ${error.message}`)
}
if (failed === 0 && (exitCode !== '0' || passed === 0)) failed = 1
console.log(`${passed} passed ${failed} failed`)
