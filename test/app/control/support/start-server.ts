import { basename, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { ControlServer } from '../../../../src/app/control/control-server.ts'
import type { RunControl } from '../../../../src/app/control/run-port.ts'
import type { Clock } from '../../../../src/base/clock.ts'
import { systemClock } from '../../../../src/base/system-clock.ts'
import { systemRandom } from '../../../../src/base/system-random.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { ListedWebSeeds } from './listed-web-seeds.ts'
import { sampleDescription } from './sample-description.ts'

/** A server that is stopped when the test is over, and where it is. */
export interface StartedServer {
  readonly server: ControlServer
  readonly path: string
  readonly stateDir: string
  readonly folder: string
  readonly name: string
}

/** What a test says of it; the rest is usual. */
export interface ServerPlan {
  readonly stateDir?: string
  readonly run?: Partial<RunControl>
  readonly clock?: Clock
}

export async function startServer({ stateDir, run = {}, clock = systemClock }: ServerPlan = {}): Promise<StartedServer> {
  const place = stateDir ?? join(await temporaryFolder(), 'state')
  const usual: RunControl = { describe: () => sampleDescription, webSeeds: new ListedWebSeeds() }
  const server = await ControlServer.start({ stateDir: place, run: { ...usual, ...run }, clock, random: systemRandom })
  onTestFinished(() => server.stop())
  const { path } = await server.place
  return { server, path, stateDir: place, folder: join(place, 'runs'), name: basename(path) }
}
