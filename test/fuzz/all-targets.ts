import { fuzzTargets as torrent } from '../torrent/fuzz-targets.ts'
import type { FuzzTarget } from './fuzz-target.ts'

/** The decoders of every floor, in the order of the floors. */
export const allTargets: readonly FuzzTarget[] = [...torrent]
