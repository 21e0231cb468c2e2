import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CanonicalPriorities, canonicalPriority } from '../../src/swarm/canonical-priority.ts'
import { OwnAddress } from '../../src/swarm/own-address.ts'

const of = (ours: string, theirs: string, ourPort = 1, theirPort = 2): number =>
  canonicalPriority({ host: ours, port: ourPort }, { host: theirs, port: theirPort })

describe('canonicalPriority', () => {
  it('gives the numbers that BEP 40 prints', () => {
    expect(of('123.213.32.10', '98.76.54.32').toString(16)).toBe('ec2d7224')
    expect(of('123.213.32.10', '123.213.32.234').toString(16)).toBe('99568189')
  })

  it('is the same from both ends', () => {
    const port = fc.integer({ min: 1, max: 65_535 })
    const anyHost = fc.oneof(fc.ipV4(), fc.constantFrom('2001:db8::1', '2001:db8::2', '2001:db8:1::', 'fe80::1:2', '::1'))
    fc.assert(fc.property(anyHost, anyHost, port, port, (ours, theirs, a, b) => of(ours, theirs, a, b) === of(theirs, ours, b, a)))
  })

  it('does not depend on the far bits of hosts in different networks, so that nobody picks a priority by picking an address', () => {
    expect(of('123.213.32.10', '98.76.54.32')).toBe(of('123.213.32.10', '98.76.54.34'))
    expect(of('123.213.32.10', '98.76.54.32')).not.toBe(of('123.213.32.10', '98.77.54.32'))
    expect(of('2001:db8::1', '2002:db8::5')).toBe(of('2001:db8::1', '2002:db8::7'))
    // In one /56 the eighth byte counts in full, the ones after it never do.
    expect(of('2001:db8::1', '2001:db8::5')).not.toBe(of('2001:db8::1', '2001:db8:0:2::5'))
    expect(of('2001:db8::1', '2001:db8::5')).toBe(of('2001:db8::1', '2001:db8::7'))
  })

  it('depends on the ports of one host alone, and is 0 between families and without an address of ours', () => {
    expect(of('10.0.0.1', '10.0.0.1', 6881, 6882)).not.toBe(of('10.0.0.1', '10.0.0.1', 6881, 6883))
    expect(of('10.0.0.1', '2001:db8::1')).toBe(0)
    expect(of('', '10.0.0.1')).toBe(0)
  })
})

describe('CanonicalPriorities', () => {
  it('are all equal until somebody has told us our address, and follow from it then', () => {
    const address = { host: '98.76.54.32', port: 6881 }
    const own = new OwnAddress(6881)
    const priorities = new CanonicalPriorities(own)
    expect(priorities.of(address)).toBe(0)
    own.learn('123.213.32.10')
    expect(priorities.of(address)).toBe(of('123.213.32.10', '98.76.54.32'))
    expect(priorities.of(address)).toBe(of('123.213.32.10', '98.76.54.32'))
  })
})
