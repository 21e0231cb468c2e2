import { fuzzTargets as control } from '../app/control/fuzz-targets.ts'
import { fuzzTargets as discovery } from '../discovery/fuzz-targets.ts'
import { fuzzTargets as store } from '../store/fuzz-targets.ts'
import { fuzzTargets as torrent } from '../torrent/fuzz-targets.ts'
import { fuzzTargets as webSeed } from '../web-seed/fuzz-targets.ts'
import { fuzzTargets as webServer } from '../web-server/fuzz-targets.ts'
import { fuzzTargets as wire } from '../wire/fuzz-targets.ts'
import type { FuzzTarget } from './fuzz-target.ts'

/** The decoders of every floor, in the order of the floors. */
export const allTargets: readonly FuzzTarget[] = [...torrent, ...store, ...wire, ...webSeed, ...discovery, ...webServer, ...control]
