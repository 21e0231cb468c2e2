import { describe, expect, it } from 'vitest'
import { BanList, culpritOf } from '../../src/swarm/ban-list.ts'
import type { PeerLink } from '../../src/wire/link.ts'

function linkOf(host: string, idByte = 1): PeerLink {
  return { address: { host, port: 6881 }, peer: { peerId: new Uint8Array(20).fill(idByte) } } as unknown as PeerLink
}

describe('BanList', () => {
  it('bans an IPv4 address, whatever the port and the peer id', () => {
    const bans = new BanList()
    bans.add(culpritOf(linkOf('10.1.2.3')))
    expect([bans.hasLink(linkOf('10.1.2.3', 9)), bans.hasHost('10.1.2.3'), bans.hasHost('10.1.2.4'), bans.size]).toEqual([
      true,
      true,
      false,
      1,
    ])
  })

  it('bans a whole IPv6 /64, however its addresses are written', () => {
    const bans = new BanList()
    bans.add(culpritOf(linkOf('2001:db8:0:7::1')))
    for (const host of ['2001:db8:0:7::2', '2001:db8:0:7:ffff:ffff:ffff:ffff', '2001:db8:0:7::']) expect(bans.hasHost(host)).toBe(true)
    for (const host of ['2001:db8:0:8::1', '2001:db8::1', '2001:db8:7::1']) expect(bans.hasHost(host)).toBe(false)
    bans.add(culpritOf(linkOf('fe80::1')))
    expect([bans.hasHost('fe80::2'), bans.hasHost('fe80:0:0:1::2')]).toEqual([true, false])
  })

  it('tells peers on loopback apart by their ids', () => {
    const bans = new BanList()
    bans.add(culpritOf(linkOf('127.0.0.1', 1)))
    bans.add(culpritOf(linkOf('::1', 1)))
    expect([1, 2].map((id) => bans.hasLink(linkOf('127.0.0.1', id)))).toEqual([true, false])
    expect([1, 2].map((id) => bans.hasLink(linkOf('::1', id)))).toEqual([true, false])
    expect(bans.hasHost('127.0.0.1')).toBe(false)
  })
})
