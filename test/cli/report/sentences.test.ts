import { describe, expect, it } from 'vitest'
import type { DoneEvent } from '../../../src/app/events.ts'
import { MiB } from '../../../src/base/units.ts'
import { doneSentence } from '../../../src/cli/report/sentences.ts'
import { sampleDone } from '../sample-events.ts'

function fetched(bytes: number, peers: number, local: number, seconds = 2): string {
  const done: DoneEvent = { ...sampleDone, bytes, seconds, bySource: { peers, webSeeds: 0, local } }
  return doneSentence('fetch', done)
}

describe('the sentence at the end', () => {
  it('of a fetch tells the rate of what was received', () => {
    expect(fetched(20 * MiB, 20 * MiB, 0)).toBe('fetched app: 20 MiB in 2s, 10.0 MiB/s')
    expect(fetched(20 * MiB, 5 * MiB, 15 * MiB)).toBe('fetched app: 20 MiB in 2s, 2.5 MiB/s, 15.0 MiB of it was here already')
  })

  it('of a fetch of what was here tells no rate', () => {
    expect(fetched(20 * MiB, 0, 20 * MiB)).toBe('fetched app: 20 MiB, all of it was here already')
    expect(fetched(0, 0, 0)).toBe('fetched app: 0 B in 2s')
  })

  it('of a fetch with a selection tells why more was fetched than there is', () => {
    expect(fetched(11 * MiB, 12 * MiB, 0)).toBe('fetched app: 11 MiB, 12 MiB in whole pieces, in 2s, 6.0 MiB/s')
    expect(fetched(11 * MiB, 0, 12 * MiB)).toBe('fetched app: 11 MiB, 12 MiB in whole pieces, all of it was here already')
  })

  it('of create names the file that was written', () => {
    expect(doneSentence('create', { ...sampleDone, path: '/srv/app.torrent' })).toBe(
      'hashed app: 256 MiB in 2.8s, 91.4 MiB/s; wrote /srv/app.torrent',
    )
  })

  it('of a seed tells what it sent, and how many copies there are', () => {
    expect(doneSentence('seed', { ...sampleDone, uploaded: 3 * MiB, copies: 1 })).toBe('seeded app: 256 MiB in 2.8s, 3.0 MiB sent, 1 copy')
  })
})
