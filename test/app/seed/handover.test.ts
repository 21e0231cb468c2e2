import { describe, expect, it } from 'vitest'
import { Handover } from '../../../src/app/seed/handover.ts'
import type { PeerAddress } from '../../../src/base/address.ts'
import type { CopyEvent } from '../../../src/swarm/copy-exchange.ts'
import { VirtualClock } from '../../swarm/support/virtual-clock.ts'

function copyAt(number: number, hostName?: string): CopyEvent {
  const address = { host: `10.0.0.${number}`, port: 40_000 }
  const listenAddress = { host: `10.0.0.${number}`, port: 6881 }
  return { hostId: `${number}`, hostName, zone: undefined, peerId: `${number}`, address, listenAddress }
}

function handover(host: string, copies = 2) {
  const clock = new VirtualClock()
  const there = new Set<string>()
  const asked: string[] = []
  const answers = async ({ host: place }: PeerAddress): Promise<boolean> => {
    asked.push(place)
    return there.has(place)
  }
  const handing = new Handover({ host, copies, clock, answers })
  handing.start()
  return { clock, there, asked, handing }
}

describe('a handover', () => {
  it('is possible once enough hosts were there for ten seconds, the named one among them', async () => {
    const { clock, there, handing } = handover('web-1')
    for (const number of [1, 2]) there.add(`10.0.0.${number}`)
    handing.onCopy(copyAt(2, 'web-2'))
    await clock.advance(20_000)
    expect([handing.isMet, handing.standing()]).toEqual([false, ['web-2']])
    expect(handing.status).toEqual({ host: 'web-1', copies: 2, standing: 1, isHostStanding: false })
    expect(handing.shortfall()).toBe('There to take over: 1 of 2 full copies, and web-1 is not among them.')
    handing.onCopy(copyAt(1, 'web-1'))
    await clock.advance(8_000)
    expect(handing.isMet).toBe(false)
    await clock.advance(6_000)
    expect([handing.isMet, handing.standing()]).toEqual([true, ['web-2', 'web-1']])
    expect(handing.status).toMatchObject({ standing: 2, isHostStanding: true })
  })

  it('waits for the named host, however many others are there', async () => {
    const { clock, there, handing } = handover('10.0.0.9')
    for (let number = 1; number < 6; number++) {
      there.add(`10.0.0.${number}`)
      handing.onCopy(copyAt(number))
    }
    await clock.advance(60_000)
    expect(handing.isMet).toBe(false)
    there.add('10.0.0.9')
    handing.onCopy(copyAt(9))
    await clock.advance(15_000)
    expect(handing.isMet).toBe(true)
  })

  it('remembers the named host and those that answer, however many a liar claims to be', async () => {
    const { clock, there, handing } = handover('web-1')
    for (const number of [1, 2]) there.add(`10.0.0.${number}`)
    handing.onCopy(copyAt(1, 'web-1'))
    handing.onCopy(copyAt(2))
    await clock.advance(4_000)
    there.delete('10.0.0.1')
    for (let number = 3; number < 3_000; number++) handing.onCopy(copyAt(number))
    await clock.advance(4_000)
    there.add('10.0.0.1')
    await clock.advance(20_000)
    expect([handing.isMet, handing.standing()]).toEqual([true, ['web-1', '10.0.0.2']])
  })

  it('is possible no more when a host has gone, and begins anew when it comes back', async () => {
    const { clock, there, handing } = handover('web-1', 1)
    there.add('10.0.0.1')
    handing.onCopy(copyAt(1, 'web-1'))
    await clock.advance(15_000)
    expect(handing.isMet).toBe(true)
    there.clear()
    await clock.advance(3_000)
    expect(handing.isMet).toBe(false)
    there.add('10.0.0.1')
    await clock.advance(9_000)
    expect(handing.isMet).toBe(false)
    await clock.advance(6_000)
    expect(handing.isMet).toBe(true)
  })

  it('never goes to a host that nobody can reach, or that leaves after its fetch', async () => {
    const { clock, there, asked, handing } = handover('web-1', 1)
    handing.onCopy({ ...copyAt(1, 'web-1'), listenAddress: undefined })
    await clock.advance(10_000)
    expect(asked).toEqual([])
    there.add('10.0.0.1')
    handing.onCopy(copyAt(1, 'web-1'))
    await clock.advance(7_000)
    there.clear()
    await clock.advance(60_000)
    expect(handing.isMet).toBe(false)
  })

  it('asks the named host each time, and of a thousand others a few', async () => {
    const { clock, there, asked, handing } = handover('web-0')
    there.add('10.0.0.0')
    handing.onCopy(copyAt(0, 'web-0'))
    for (let number = 1; number <= 1_000; number++) handing.onCopy(copyAt(number))
    await clock.advance(2_100)
    expect(asked).toHaveLength(16)
    await clock.advance(2_000)
    expect(asked).toHaveLength(32)
    expect(asked.filter((place) => place === '10.0.0.0')).toHaveLength(2)
  })
})
