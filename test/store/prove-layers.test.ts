import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../src/base/system-clock.ts'
import { bulkWorkers, HashPool } from '../../src/store/hash-pool.ts'
import { proveLayers } from '../../src/store/prove-layers.ts'
import { decodeMetainfo } from '../../src/torrent/metainfo.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { publishSample, type SampleFile } from './sample-torrent.ts'
import { sampleV2 } from './sample-v2.ts'

const files: readonly SampleFile[] = [
  ['a', 300_000],
  ['b', 65_536],
  ['c', 65_537],
]

async function published(format: 'v2' | 'hybrid') {
  const sample = sampleV2(files, { format })
  const root = publishSample(sample, await temporaryFolder())
  const metainfo = decodeMetainfo(sample.bytes)
  const pool = new HashPool({ clock: systemClock, workers: bulkWorkers() })
  onTestFinished(() => pool.close())
  const prove = (pieceLayers: ReadonlyMap<string, Uint8Array>) => proveLayers({ metainfo: { ...metainfo, pieceLayers }, root, pool })
  return { root, layers: metainfo.pieceLayers, prove }
}

describe('proveLayers', () => {
  it('makes the layers that a torrent of v2 only lacks from its content', async () => {
    const { layers, prove } = await published('v2')
    expect(layers.size).toBe(2)
    expect(await prove(new Map())).toEqual(new Map(layers))
    const [[key, layer] = ['', new Uint8Array()]] = layers
    expect(await prove(new Map([[key, layer]]))).toEqual(new Map(layers))
  })

  it('makes none of a file that is not what was published', async () => {
    const { root, layers, prove } = await published('v2')
    writeFileSync(join(root, 'a'), new Uint8Array(300_000))
    const proven = await prove(new Map())
    expect(proven.size).toBe(1)
    for (const [key, layer] of proven) expect(layers.get(key)).toEqual(layer)
  })

  it('reads nothing where nothing is missing, or SHA-1 serves', async () => {
    const [v2, hybrid] = [await published('v2'), await published('hybrid')]
    expect(await v2.prove(v2.layers)).toBe(v2.layers)
    const none = new Map<string, Uint8Array>()
    expect(await hybrid.prove(none)).toBe(none)
  })
})
