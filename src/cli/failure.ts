import { DistroError } from '../base/errors.ts'
import { openFileLimit } from '../base/open-file-limit.ts'
import { exitCodes } from './exit-codes.ts'
import type { Failure } from './report/reporter.ts'

/** What `error` means for a person and for the exit code; anything but a `DistroError` is a bug, told with its stack, unless the system gave no more descriptors. */
export function failureOf(error: unknown): Failure {
  if (error instanceof DistroError) {
    const { code, message, hint } = error
    const sentence = asSentence(message)
    return {
      code,
      message: sentence,
      hint: hint === undefined ? hint : asSentence(hint),
      exitCode: exitCodes[code].exitCode,
      details: causesOf(error),
    }
  }
  const limit = openFileLimit(error)
  if (limit !== undefined)
    return failureOf(new DistroError('DISK_FAILED', `Cannot go on: ${limit.reason}.`, { hint: limit.hint, cause: error }))
  return {
    code: 'INTERNAL',
    message: `Something unexpected happened: ${error instanceof Error ? error.message : String(error)}`,
    hint: 'This is a bug in distro. Please report it with the lines below.',
    exitCode: exitCodes.INTERNAL.exitCode,
    details: stackOf(error),
  }
}

function asSentence(text: string): string {
  return /[.!?)"'`}]$/.test(text) ? text : `${text}.`
}

function causesOf(error: DistroError): readonly string[] {
  const causes: string[] = [`code ${error.code}`]
  for (let cause = error.cause, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    causes.push(`caused by ${cause.name}: ${cause.message}`)
  }
  return causes
}

function stackOf(error: unknown): readonly string[] {
  return error instanceof Error && error.stack !== undefined
    ? error.stack
        .split('\n')
        .slice(1, 12)
        .map((line) => line.trim())
    : []
}
