import { describe, expect, it } from 'vitest'
import { NamedPeers } from '../../../src/app/network/named-peers.ts'
import type { PeerAddress } from '../../../src/base/address.ts'
import type { Dialer, DialOutcome, PeerLink } from '../../../src/wire/link.ts'

const refused: DialOutcome = { failure: 'the connection was refused', spokeBitTorrent: false }
const there: DialOutcome = { link: {} as PeerLink }
const own = { infoHash: new Uint8Array(20), peerId: new Uint8Array(20), supportsDht: false }

function watching(isAlone = false) {
  const warnings: string[] = []
  const named = new NamedPeers(
    (sentence) => warnings.push(sentence),
    () => isAlone,
  )
  const answer = (address: PeerAddress, outcome: DialOutcome): void => {
    const inner: Dialer = {
      dial: (_address, _own, done) => {
        done(outcome)
        return { cancel: () => undefined }
      },
    }
    named.watch(inner).dial(address, own, () => undefined)
  }
  return { warnings, named, answer }
}

const at = (host: string, port = 6881): PeerAddress => ({ host, port })

describe('the peers that a person named', () => {
  it('are told of once when they cannot be reached, however often they are dialled', () => {
    const { warnings, named, answer } = watching()
    named.note([at('192.0.2.7')], 'static')
    answer(at('192.0.2.7'), refused)
    answer(at('192.0.2.7'), refused)
    expect(warnings).toEqual(['The peer 192.0.2.7:6881 cannot be reached: the connection was refused; it is tried again.'])
    expect(named.unreached).toEqual(['192.0.2.7:6881 (the connection was refused)'])
  })

  it('are told of when a magnet named them, none of its addresses answers, and there is nobody else', () => {
    const { warnings, named, answer } = watching(true)
    named.note([at('10.0.0.1'), at('10.0.0.2')], 'magnet')
    answer(at('10.0.0.1'), refused)
    expect(warnings).toEqual([])
    for (let dial = 0; dial < 2; dial++) answer(at('10.0.0.2'), refused)
    expect(warnings).toEqual([
      'None of the peers that the magnet names can be reached: 10.0.0.1:6881 (the connection was refused), ' +
        '10.0.0.2:6881 (the connection was refused). They are tried again; --timeout says for how long.',
    ])
  })

  it('are told of where that is wanted once none that answered does any more, each time that it happens', () => {
    const { warnings, named, answer } = watching()
    const [first, second] = [at('10.0.0.1'), at('10.0.0.2')]
    const gone = '10.0.0.1:6881 (the connection was refused), 10.0.0.2:6881 (the connection was refused)'
    named.note([first, second, at('10.0.0.3')], 'magnet')
    named.tellOfLoss()
    answer(at('10.0.0.3'), refused)
    for (const address of [first, second]) answer(address, there)
    answer(first, refused)
    expect([named.lost, warnings]).toEqual(['', []])
    for (let dial = 0; dial < 2; dial++) answer(second, refused)
    expect(named.lost).toBe(gone)
    expect(warnings).toEqual([`Whoever was asked has gone: ${gone}; it is tried again.`])
    answer(second, there)
    answer(second, { failure: 'it hung up', spokeBitTorrent: false, isTurnedAway: true })
    expect(named.lost).toBe('')
    answer(second, refused)
    expect(warnings).toHaveLength(2)
  })

  it('are told of only when no address of a name answers', () => {
    const { warnings, named, answer } = watching()
    named.note([at('::1'), at('127.0.0.1')], 'static')
    answer(at('::1'), refused)
    expect(warnings).toEqual([])
    answer(at('127.0.0.1'), refused)
    expect(warnings).toEqual(['The peer [::1]:6881, 127.0.0.1:6881 cannot be reached: the connection was refused; it is tried again.'])
  })

  it('are not told of while we run when a magnet named them, for many of its addresses may lie elsewhere', () => {
    const { warnings, named, answer } = watching()
    named.note([at('10.0.0.1')], 'magnet')
    named.note([at('10.0.0.2')], 'dht')
    answer(at('10.0.0.1'), refused)
    answer(at('10.0.0.2'), refused)
    expect(warnings).toEqual([])
    expect(named.unreached).toEqual(['10.0.0.1:6881 (the connection was refused)'])
  })

  it('are three in a sentence', () => {
    const { warnings, named, answer } = watching(true)
    const addresses = [1, 2, 3, 4, 5].map((port) => at('10.0.0.1', port))
    named.note(addresses, 'magnet')
    for (const address of addresses) answer(address, refused)
    expect(warnings).toEqual([expect.stringContaining('10.0.0.1:3 (the connection was refused) and 2 more. They are tried again')])
  })

  it('are among those not reached while they have not answered yet', () => {
    const { named } = watching()
    named.note([at('10.0.0.1', 1)], 'magnet')
    expect(named.unreached).toEqual(['10.0.0.1:1 (no answer yet)'])
  })

  it('are watched up to a thousand addresses, for a name may lead elsewhere each time', () => {
    const { named } = watching()
    for (let port = 1; port <= 2_000; port++) named.note([at('10.0.0.1', port)], 'magnet')
    expect(named.unreached).toHaveLength(1_000)
  })

  it('may be this very program', () => {
    const { warnings, named, answer } = watching()
    named.note([at('127.0.0.1')], 'static')
    answer(at('127.0.0.1'), { failure: 'x', spokeBitTorrent: true, isSelf: true })
    expect(warnings).toEqual(['The peer 127.0.0.1:6881 cannot be reached: it is this very program.'])
  })
})
