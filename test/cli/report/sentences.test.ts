import { describe, expect, it } from 'vitest'
import type { DoneEvent } from '../../../src/app/events.ts'
import { MiB } from '../../../src/base/units.ts'
import { doneSentence, progressFigures } from '../../../src/cli/report/sentences.ts'
import { progressAt, sampleDone } from '../sample-events.ts'

function fetched(bytes: number, peers: number, local: number, webSeeds = 0, seconds = 2): string {
  const done: DoneEvent = { ...sampleDone, bytes, seconds, bySource: { peers, webSeeds, local } }
  return doneSentence('fetch', done)
}

describe('the sentence at the end', () => {
  it('of a fetch tells the rate of what was received', () => {
    expect(fetched(20 * MiB, 20 * MiB, 0)).toBe('fetched app: 20 MiB in 2 s, 10.0 MiB/s')
    expect(fetched(20 * MiB, 5 * MiB, 15 * MiB)).toBe('fetched app: 20 MiB in 2 s; 5 MiB came from others, the rest was here already')
    expect(fetched(20 * MiB, 15 * MiB, 5 * MiB)).toBe(
      'fetched app: 20 MiB in 2 s, 7.5 MiB/s; 15 MiB came from others, the rest was here already',
    )
  })

  it('of next to nothing tells no rate', () => {
    expect(fetched(2, 2, 0, 0, 0.04)).toBe('fetched app: 2 B in 0 s')
    expect(fetched(1_024 * MiB, 16_384, 1_024 * MiB - 16_384)).toBe(
      'fetched app: 1 GiB in 2 s; 16 KiB came from others, the rest was here already',
    )
    expect(doneSentence('create', { ...sampleDone, bytes: 2, seconds: 0.04, path: '/a' })).toBe('hashed app: 2 B in 0 s; wrote /a')
  })

  it('of a fetch of what was here tells no rate', () => {
    expect(fetched(20 * MiB, 0, 20 * MiB)).toBe('fetched app: 20 MiB, all of it was here already')
    expect(fetched(0, 0, 0)).toBe('fetched app: 0 B in 2 s')
  })

  it('of a fetch with a selection tells why more was fetched than there is', () => {
    expect(fetched(11 * MiB, 12 * MiB, 0)).toBe('fetched app: 11 MiB, 12 MiB in whole pieces, in 2 s, 6.0 MiB/s')
    expect(fetched(11 * MiB, 0, 12 * MiB)).toBe('fetched app: 11 MiB, all of it was here already')
  })

  it('of a fetch tells what came from web seeds', () => {
    expect(fetched(20 * MiB, 0, 0, 20 * MiB)).toBe('fetched app: 20 MiB in 2 s, 10.0 MiB/s; all of it from web seeds')
    expect(fetched(20 * MiB, 15 * MiB, 0, 5 * MiB)).toBe('fetched app: 20 MiB in 2 s, 10.0 MiB/s; 5 MiB of it from web seeds')
    expect(fetched(20 * MiB, 0, 16 * MiB, 4 * MiB)).toBe('fetched app: 20 MiB in 2 s; 4 MiB came from web seeds, the rest was here already')
    expect(fetched(20 * MiB, 2 * MiB, 16 * MiB, 2 * MiB)).toBe(
      'fetched app: 20 MiB in 2 s; 4 MiB came from others, 2 MiB of it from web seeds, the rest was here already',
    )
  })

  it('of create names the file that was written', () => {
    expect(doneSentence('create', { ...sampleDone, path: '/srv/app.torrent' })).toBe(
      'hashed app: 256 MiB in 2.8 s, 91.4 MiB/s; wrote /srv/app.torrent',
    )
  })

  it('of a seed that was started again tells how many copies an earlier run was told of', () => {
    const pushed = { ...sampleDone, uploaded: 3 * MiB, copies: 3 }
    expect(doneSentence('push', { ...pushed, copiesFromEarlierRuns: 2 })).toMatch(/, 3 copies, 2 of them told to an earlier run$/)
    expect(doneSentence('push', { ...pushed, copiesFromEarlierRuns: 3 })).toMatch(/, 3 copies, told to an earlier run$/)
  })

  it('of a seed tells what it sent, and how many copies there are', () => {
    expect(doneSentence('seed', { ...sampleDone, uploaded: 3 * MiB, copies: 1 })).toBe('seeded app: 256 MiB in 2.8 s, 3 MiB sent, 1 copy')
  })
})

describe('the figures of a fetch', () => {
  it.each([
    [5, 0, '5 peers'],
    [0, 0, '0 peers'],
    [1, 2, '1 peer, 2 web seeds'],
    [0, 1, '1 web seed'],
  ])('with %i peers and %i web seeds say %s', (peers, webSeeds, said) => {
    expect(progressFigures({ ...progressAt(0.5), peers, webSeeds })).toContain(said)
    expect(progressFigures({ ...progressAt(1), peers, webSeeds })).toContain(said)
  })
})

describe('the figures of a seed', () => {
  it('say how far the hosts on its list are, and their zones', () => {
    const seeding = { ...progressAt(1), phase: 'seed', copies: 3, expected: { total: 8, complete: 3, arriving: 1, missing: 4 } } as const
    const figures = progressFigures({ ...seeding, inZones: { copies: 2, total: 3, met: 1 } })
    expect(figures.slice(-2)).toEqual(['3 of 8 hosts, 1 on the way', '1 of 3 zones with 2 copies'])
    expect(progressFigures(seeding).at(-1)).toBe('3 of 8 hosts, 1 on the way')
  })
})
