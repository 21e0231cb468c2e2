import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** Builds dist/ before the tests: the hash workers and the built command come from there. */
export async function setup(): Promise<void> {
  await promisify(execFile)(process.execPath, ['scripts/build.js'])
}
