import { describe, expect, it } from 'vitest'
import { CopyLedger, MOST_HOSTS } from '../../../src/app/copies/copy-ledger.ts'
import type { CopyEvent } from '../../../src/swarm/copy-exchange.ts'

function copy(changes: Partial<CopyEvent>): CopyEvent {
  const address = { host: '192.0.2.1', port: 40_000 }
  return { hostId: undefined, hostName: undefined, zone: undefined, peerId: 'peer', address, listenAddress: undefined, ...changes }
}

function at(port: number): Pick<CopyEvent, 'listenAddress'> {
  return { listenAddress: { host: '192.0.2.1', port } }
}

describe('the ledger of copies', () => {
  it('counts a host that tells once, whatever its connection, its port and its peer id are', () => {
    const ledger = new CopyLedger()
    expect(ledger.add(copy({ hostId: 'aa', peerId: 'one', ...at(1) }))).toBe(true)
    ledger.onLeave('one')
    expect(ledger.add(copy({ hostId: 'aa', peerId: 'two', address: { host: '2001:db8::1', port: 5 } }))).toBe(false)
    expect(ledger.count).toBe(1)
  })

  it('counts each of several hosts behind one address', () => {
    const ledger = new CopyLedger()
    for (const hostId of ['aa', 'bb', 'cc']) expect(ledger.add(copy({ hostId, peerId: hostId, ...at(6881) }))).toBe(true)
    expect(ledger.count).toBe(3)
  })

  it('counts a client that does not tell once, however often it connects', () => {
    const ledger = new CopyLedger()
    expect(ledger.add(copy({ peerId: 'one' }))).toBe(true)
    ledger.onLeave('one')
    expect(ledger.add(copy({ peerId: 'one' }))).toBe(false)
    expect(ledger.count).toBe(1)
  })

  it('takes a client that came back under another peer id to the same address for the one that left', () => {
    const ledger = new CopyLedger()
    ledger.add(copy({ peerId: 'one', ...at(6881) }))
    ledger.onLeave('one')
    expect(ledger.add(copy({ peerId: 'two', ...at(6881) }))).toBe(false)
    ledger.onLeave('two')
    expect(ledger.add(copy({ peerId: 'three', ...at(6881) }))).toBe(false)
    expect(ledger.count).toBe(1)
  })

  it('counts two clients at one address that are there at the same time, as behind a NAT', () => {
    const ledger = new CopyLedger()
    ledger.add(copy({ peerId: 'one', ...at(6881) }))
    expect(ledger.add(copy({ peerId: 'two', ...at(6881) }))).toBe(true)
    expect(ledger.count).toBe(2)
  })

  it('counts a host once that was seen with every piece before it told', () => {
    const ledger = new CopyLedger()
    ledger.add(copy({ peerId: 'one', ...at(6881) }))
    expect(ledger.add(copy({ peerId: 'one', hostId: 'aa' }))).toBe(false)
    expect(ledger.count).toBe(1)
    expect(ledger.add(copy({ peerId: 'two', ...at(6881) }))).toBe(true)
  })

  it('remembers so many hosts and no more', () => {
    const ledger = new CopyLedger()
    for (let host = 0; host < MOST_HOSTS; host++) ledger.add(copy({ hostId: String(host) }))
    expect(ledger.add(copy({ hostId: 'one more' }))).toBe(false)
    expect(ledger.add(copy({ peerId: 'another client' }))).toBe(false)
    expect(ledger.count).toBe(MOST_HOSTS)
  })
})
