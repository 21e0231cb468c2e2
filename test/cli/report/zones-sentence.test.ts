import { expect, it } from 'vitest'
import type { ZoneTraffic } from '../../../src/app/events.ts'
import { Events } from '../../../src/base/events.ts'
import { LinesReporter } from '../../../src/cli/report/lines.ts'
import { zonesSentence } from '../../../src/cli/report/zones-sentence.ts'
import { FakeWorld } from '../fake-world.ts'
import { sampleDone } from '../sample-events.ts'

const MiB = 2 ** 20

function zone(name: string, relation: ZoneTraffic['relation'], downMiB: number, upMiB: number): ZoneTraffic {
  return { zone: name, relation, peers: 1, downloadedBytes: downMiB * MiB, uploadedBytes: upMiB * MiB }
}

it('names our zone first, then those that most went to and came from', () => {
  const zones = [zone('a', 'same', 0, 0), zone('b', 'other', 1, 2), zone('c', 'other', 16, 0), zone('unknown', 'unknown', 0, 1)]
  expect(zonesSentence(zones)).toBe(
    'zones: a (ours) 0 B in, 0 B out; c 16 MiB in, 0 B out; b 1 MiB in, 2 MiB out; no zone told 0 B in, 1 MiB out',
  )
})

it('adds up what is left when there are many', () => {
  const zones = [zone('a', 'same', 1, 1), ...Array.from({ length: 9 }, (_, index) => zone(`z${index}`, 'other', 1, 0))]
  expect(zonesSentence(zones)).toMatch(/^zones: a \(ours\) .*; 6 more zones 6 MiB in, 0 B out$/)
})

it('says so when nothing moved and the subnet is not known yet', () => {
  expect(zonesSentence([])).toBe('zones: nothing moved yet')
})

it('is said after the end of a transfer that has a zone, and of no other', () => {
  const said: string[] = []
  const talk = { say: (sentence: string) => said.push(sentence) }
  for (const zones of [undefined, [zone('a', 'same', 0, 0)]]) {
    const events = new Events<Parameters<LinesReporter['follow']>[0] extends Events<infer All> ? All : never>()
    new LinesReporter('fetch', talk as never, new FakeWorld().clock).follow(events)
    events.emit('done', { ...sampleDone, zones })
  }
  expect(said.filter((sentence) => sentence.startsWith('zones:'))).toEqual(['zones: a (ours) 0 B in, 0 B out'])
})
