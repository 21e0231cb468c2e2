import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ControlDoor } from '../../../src/app/control/control-door.ts'
import { running } from '../../../src/app/control/running.ts'
import type { VerbEvents } from '../../../src/app/events.ts'
import { Events } from '../../../src/base/events.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { ListedWebSeeds } from './support/listed-web-seeds.ts'
import { sampleDescription } from './support/sample-description.ts'

const run = { describe: () => sampleDescription, webSeeds: new ListedWebSeeds() }

describe('the control door', () => {
  it('stands open until it is closed, twice if need be', async () => {
    const stateDir = await temporaryFolder()
    const door = new ControlDoor(stateDir, run, new Events<VerbEvents>())
    await door.opened()
    expect((await running(stateDir, new AbortController().signal)).runs).toHaveLength(1)
    await Promise.all([door.close(), door.close()])
    expect(await readdir(join(stateDir, 'runs'))).toEqual([])
  })

  it('is closed though it was not open yet', async () => {
    const stateDir = await temporaryFolder()
    await new ControlDoor(stateDir, run, new Events<VerbEvents>()).close()
    expect(await readdir(join(stateDir, 'runs'))).toEqual([])
  })

  it('says once why it cannot open, and harms nothing', async () => {
    const stateDir = join(await temporaryFolder(), 'file')
    await writeFile(stateDir, '')
    const warnings: string[] = []
    const events = new Events<VerbEvents>()
    events.on('warning', ({ message }) => warnings.push(message))
    await using door = new ControlDoor(stateDir, run, events)
    await door.opened()
    expect(warnings).toEqual([expect.stringMatching(/^This run has no control socket, and distro ps does not show it: .*file.*\.$/)])
  })
})
