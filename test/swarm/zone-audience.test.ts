import { describe, expect, it } from 'vitest'
import { Bitfield } from '../../src/base/bitfield.ts'
import { ZoneAudience } from '../../src/swarm/zone-audience.ts'
import { SeededRandom } from '../support/seeded-random.ts'
import { Racks } from './support/racks.ts'

const PIECES = 100

function listener(number: number, name: string, relation: 'same' | 'other' | 'unknown') {
  return {
    zone: { name, relation },
    pieces: new Bitfield(PIECES),
    isUploadOnly: false,
    link: { peer: { peerId: new SeededRandom(number * 7).bytes(20) } },
  }
}

describe('the audience of an origin', () => {
  it('is its own zone while somebody there wants something', () => {
    const ours = listener(1, 'a', 'same')
    const far = listener(2, 'b', 'other')
    const strange = listener(3, 'unknown', 'unknown')
    const audience = new ZoneAudience(new Map([ours, far, strange].map((peer, index) => [index, peer])))
    expect([ours, far, strange].map((peer) => audience.counts(peer))).toEqual([true, false, true])
    expect([ours, far, strange].map((peer) => audience.suits(peer, 5))).toEqual([true, false, true])
    ours.isUploadOnly = true
    expect([ours, far, strange].map((peer) => audience.counts(peer))).toEqual([true, true, true])
  })

  it('is else one host of each zone for each piece, among those that lack it', () => {
    const far = [1, 2, 3].map((number) => listener(number, 'b', 'other'))
    const farther = [4, 5].map((number) => listener(number, 'c', 'other'))
    const audience = new ZoneAudience(new Map([...far, ...farther].map((peer, index) => [index, peer])))
    for (let piece = 0; piece < PIECES; piece++) {
      for (const zone of [far, farther]) {
        const suited = zone.filter((peer) => audience.suits(peer, piece))
        expect(suited).toHaveLength(1)
        suited[0]?.pieces.add(piece)
        expect(zone.filter((peer) => peer !== suited[0] && audience.suits(peer, piece))).toHaveLength(1)
      }
    }
  })

  it('lets an origin that is alone in its zone send little more than one copy to two racks', async () => {
    const racks = new Racks({ racks: 3, hostsPerRack: 0, pieces: 128 })
    const hosts = [1, 2].flatMap((rack) => Array.from({ length: 4 }, (_, index) => racks.add(rack, index + 2, {})))
    racks.world.introduceAll()
    expect(await racks.world.completes(hosts, 3 * racks.boundMs)).toBe(true)
    expect(racks.origin.swarm.status().uploadedBytes / racks.world.torrent.content.length).toBeLessThan(1.3)
    expect(racks.copiesAcross(0, 1) + racks.copiesAcross(2, 1)).toBeLessThan(1.1)
  })
})
