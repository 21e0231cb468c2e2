import { type DistroOptions, DistroProcess } from './distro-process.ts'
import { stoppedAtEnd } from './stopped-at-end.ts'

/** Starts the built command; it is stopped when the test is over. */
export function spawnDistro(words: readonly string[], options?: DistroOptions): DistroProcess {
  return stoppedAtEnd(new DistroProcess(words, options))
}
