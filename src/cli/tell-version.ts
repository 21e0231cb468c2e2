import { VERSION } from '../base/version.ts'
import type { World } from './world.ts'

/** Prints the version if the first of the words after `distro` asks for it; false if it does not. */
export function tellVersion([verb]: readonly string[], world: World): boolean {
  if (verb !== '--version' && verb !== '-V') return false
  world.stdout.write(`${VERSION}\n`)
  return true
}
