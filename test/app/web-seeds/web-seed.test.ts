import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ps } from '../../../src/app/control/ps.ts'
import type { VerbEvents } from '../../../src/app/events.ts'
import { webSeed } from '../../../src/app/web-seeds/web-seed.ts'
import type { WebSeedAction, WebSeedResult } from '../../../src/app/web-seeds/web-seed-request.ts'
import { Events } from '../../../src/base/events.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { ListedWebSeeds, statusOf } from '../control/support/listed-web-seeds.ts'
import { sampleDescription } from '../control/support/sample-description.ts'
import { startServer } from '../control/support/start-server.ts'

const never = new AbortController().signal

async function started(labels: readonly string[] = []) {
  const webSeeds = new ListedWebSeeds(labels)
  const { server, stateDir } = await startServer({ run: { webSeeds } })
  const { id } = await server.place
  const ask = (action: WebSeedAction, run = id): Promise<WebSeedResult> =>
    webSeed({ stateDir, run, action }, new Events<VerbEvents>(), never)
  return { webSeeds, server, stateDir, id, ask }
}

describe('the web seeds of a run', () => {
  it('are listed, by whatever the run may be called', async () => {
    const { id, ask } = await started(['a', 'b'])
    for (const word of [id, id.slice(0, 2), 'app', 'c12f', sampleDescription.infoHash ?? '']) {
      expect(await ask({ kind: 'list' }, word)).toMatchObject({
        run: { id },
        webSeeds: [statusOf('a'), statusOf('b')],
        removed: null,
        added: null,
      })
    }
  })

  it('are many without harm', async () => {
    const labels = Array.from({ length: 5_000 }, (_, index) => `https://mirror-${index}.example/`)
    const { webSeeds } = await (await started(labels)).ask({ kind: 'list' })
    expect(webSeeds.map(({ label }) => label)).toEqual(labels)
  })

  it('are added, replaced and removed', async () => {
    const { webSeeds, ask } = await started(['a'])
    expect(await ask({ kind: 'add', url: 'b' })).toMatchObject({ removed: null, added: 'b' })
    expect(await ask({ kind: 'replace', url: 'a', by: 'c' })).toMatchObject({ removed: 'a', added: 'c' })
    expect(await ask({ kind: 'remove', url: 'b' })).toMatchObject({ removed: 'b', added: null, webSeeds: [statusOf('c')] })
    expect(webSeeds.labels).toEqual(['c'])
  })

  it('stay as they are when the run refuses', async () => {
    const { webSeeds, ask } = await started(['a'])
    await expect(ask({ kind: 'add', url: 'bad' })).rejects.toMatchObject({ code: 'USAGE', message: 'bad is no web seed.' })
    await expect(ask({ kind: 'remove', url: 'x' })).rejects.toMatchObject({ code: 'INPUT_MISSING', hint: 'List them.' })
    await expect(ask({ kind: 'replace', url: 'a', by: 'bad' })).rejects.toMatchObject({ code: 'USAGE' })
    await expect(ask({ kind: 'add', url: 'a'.repeat(5_000) })).rejects.toMatchObject({ code: 'USAGE' })
    expect(webSeeds.labels).toEqual(['a'])
  })

  it('belong to a run that is there', async () => {
    const { ask } = await started()
    await expect(ask({ kind: 'list' }, 'other')).rejects.toMatchObject({ code: 'INPUT_MISSING' })
  })

  it('are out of reach when the run ends meanwhile', async () => {
    const { webSeeds, server, ask } = await started()
    webSeeds.add = () => {
      void server.stop()
      return new Promise(() => undefined)
    }
    await expect(ask({ kind: 'add', url: 'a' })).rejects.toMatchObject({
      code: 'INPUT_MISSING',
      message: expect.stringContaining('has ended'),
    })
  })
})

describe('ps', () => {
  it('lists what runs, and nothing once it has stopped', async () => {
    const { stateDir, id, server } = await started(['a'])
    const list = () => ps({ stateDir }, new Events<VerbEvents>(), never)
    expect(await list()).toEqual({ runs: [{ id, pid: process.pid, ...sampleDescription, webSeeds: 1 }] })
    await server.stop()
    expect(await list()).toEqual({ runs: [] })
  })

  it('is empty for a folder that is not there', async () => {
    expect(await ps({ stateDir: join(await temporaryFolder(), 'x') }, new Events<VerbEvents>(), never)).toEqual({ runs: [] })
  })
})
