import { DistroError } from '../../src/base/errors.ts'
import { tail, type Usage } from './measured-process.ts'

/** The error of a program that ended with `usage.exitCode`, with the last that it said. */
export function gaveUp(who: string, usage: Pick<Usage, 'exitCode'>, logPath: string): DistroError {
  return new DistroError('INTERNAL', `${who} ended with code ${usage.exitCode}`, { hint: tail(logPath) })
}
