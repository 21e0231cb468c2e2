import { writeFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import type { Reporter, TestModule } from 'vitest/node'

/** Lines of one error that are kept at its beginning, and as many at its end. */
const keptLines = 20

/** What vitest tells of an error, whether a test threw it or nobody caught it. */
interface Reported {
  readonly name?: string
  readonly message?: string
  readonly stack?: string
  readonly diff?: string | undefined
  readonly cause?: unknown
}

/**
 * A reporter of vitest that writes a file for `.ci/run`: "N passed N failed" in the first line, then each failure with its file, its
 * full title, and the first and the last 20 lines of each error. A file or a suite that fails outside its tests, and an error that
 * no test caught, count as failures too.
 */
export class FailureReport implements Reporter {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  onTestRunEnd(modules: readonly TestModule[], uncaught: readonly Reported[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const failures = [
      ...modules.flatMap((module) => describe(module.relativeModuleId, module.errors())),
      ...modules.flatMap((module) =>
        [...module.children.allSuites()].flatMap((suite) => describe(`${module.relativeModuleId} > ${suite.fullName}`, suite.errors())),
      ),
      ...tests.flatMap((test) => {
        const { state, errors } = test.result()
        return state === 'failed' ? describe(`${test.module.relativeModuleId} > ${test.fullName}`, errors) : []
      }),
      ...uncaught.flatMap((error) => describe('an error that no test caught', [error])),
    ]
    const passed = tests.filter((test) => test.result().state === 'passed').length
    writeFileSync(this.#path, [`${passed} passed ${failures.length} failed`, ...failures].map((text) => `${text}\n`).join('\n'))
  }
}

/** One text for all that went wrong at `place`, none when nothing did. */
function describe(place: string, errors: readonly Reported[]): string[] {
  const lines = errors.flatMap((error) => shortened(linesOf(error))).map((line) => `  ${line}`.trimEnd())
  return lines.length === 0 ? [] : [[`FAILED ${place}`, ...lines].join('\n')]
}

/** The message, the difference, the places in our own files and the cause, without colours. */
function linesOf(error: Reported): string[] {
  const places = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line) && !line.includes('/node_modules/'))
  const texts = [`${error.name ?? 'Error'}: ${error.message ?? ''}`, error.diff ?? [], places].flat()
  const cause = error.cause instanceof Object ? ['caused by', ...linesOf(error.cause)] : []
  return [...texts.flatMap((text) => stripVTControlCharacters(text).split('\n')), ...cause]
}

function shortened(lines: readonly string[]): readonly string[] {
  const left = lines.length - 2 * keptLines
  return left <= 0 ? lines : [...lines.slice(0, keptLines), `... ${left} lines ...`, ...lines.slice(-keptLines)]
}
