import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DistroError } from '../../src/base/errors.ts'
import { Zones } from '../../src/swarm/zone.ts'
import { subnetOf } from '../../src/wire/subnet.ts'

function peerAt(host: string, extension: { zone?: string; yourAddress?: string } = {}) {
  return { link: { address: { host } }, extension: { extensions: {}, ...extension } }
}

describe('a zone by name', () => {
  const zones = new Zones('rack-1')

  it('is that of the peers that told the same name, to the letter', () => {
    expect(zones.of(peerAt('10.0.0.1', { zone: 'rack-1' }))).toEqual({ name: 'rack-1', relation: 'same' })
    expect(zones.of(peerAt('10.0.0.1', { zone: 'Rack-1' }))).toEqual({ name: 'Rack-1', relation: 'other' })
  })

  it('is unknown of those that told none, wherever they are', () => {
    expect(zones.of(peerAt('10.0.0.1', { yourAddress: '10.0.0.2' }))).toEqual({ name: 'unknown', relation: 'unknown' })
    expect(zones.of({ link: { address: { host: '10.0.0.1' } }, extension: undefined }).relation).toBe('unknown')
    expect(zones.relationOfHost('10.0.0.1', '10.0.0.1')).toBe('unknown')
  })
})

describe('a zone by subnet', () => {
  const zones = new Zones('subnet')

  it.each([
    ['10.1.2.3', '10.1.2.250', 'same', '10.1.2.0/24'],
    ['10.1.2.3', '10.1.3.3', 'other', '10.1.2.0/24'],
    ['2001:db8:1:2::7', '2001:db8:1:2:ffff::1', 'same', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::7', '2001:db8:1:3::7', 'other', '2001:db8:1:2::/64'],
    ['10.1.2.3', '2001:db8::1', 'other', '10.1.2.0/24'],
  ])('sees a peer at %s, which sees us at %s, in the %s zone', (host, yourAddress, relation, name) => {
    expect(zones.of(peerAt(host, { yourAddress }))).toEqual({ name, relation })
    expect(zones.relationOfHost(host, yourAddress)).toBe(relation)
  })

  it('does not care what peers call theirs, and knows nothing before they say what our address is', () => {
    expect(zones.of(peerAt('10.1.2.3', { zone: 'subnet' })).relation).toBe('unknown')
    expect(zones.relationOfHost('10.1.2.3', '').valueOf()).toBe('unknown')
  })

  it('is the same for exactly the addresses with the same first three bytes', () => {
    fc.assert(
      fc.property(fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)), fc.nat(3), fc.nat(255), (bytes, at, byte) => {
        const other = bytes.with(at, byte)
        const isSame = at === 3 || byte === bytes[at]
        expect(subnetOf(bytes.join('.')) === subnetOf(other.join('.'))).toBe(isSame)
      }),
    )
  })
})

describe('without a zone', () => {
  it('every peer is unknown, whatever it tells', () => {
    const zones = new Zones(undefined)
    expect(zones.areUsed).toBe(false)
    expect(zones.of(peerAt('10.0.0.1', { zone: 'a', yourAddress: '10.0.0.1' })).relation).toBe('unknown')
    expect(zones.relationOfHost('10.0.0.1', '10.0.0.1')).toBe('unknown')
  })
})

it.each(['', 'rack 7', 'a'.repeat(65), 'unknown', '\u00e4'])('a zone cannot be called "%s"', (name) => {
  expect(() => new Zones(name)).toThrow(DistroError)
})
