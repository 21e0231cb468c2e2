import { describe, expect, it } from 'vitest'
import { busyGuest, copiesAt, full, hearing, hexOf, idOf, pair } from './support/copies.ts'
import { ScriptedPeer } from './support/scripted-peer.ts'
import { World } from './support/world.ts'

describe('telling of a copy', () => {
  it('makes the host count, and not before its tree is in place', async () => {
    const { world, leech, copies } = pair()
    expect(await world.completes([leech])).toBe(true)
    await world.clock.advance(3_000)
    expect(copies).toEqual([])
    const isHeard = hearing(leech)
    leech.swarm.tellCopy({ hostId: idOf(1), hostName: 'web-7' })
    await world.clock.advance(100)
    expect(isHeard()).toBe(true)
    expect(copies).toMatchObject([
      { hostId: hexOf(1), hostName: 'web-7', address: { host: leech.address.host }, listenAddress: leech.address },
    ])
  })

  it('leads back to the seed after both have parted', async () => {
    const { world, leech, copies } = pair()
    expect(await world.completes([leech])).toBe(true)
    await world.clock.advance(30_000)
    expect(leech.swarm.peers()).toEqual([])
    const isHeard = hearing(leech)
    leech.swarm.tellCopy({ hostId: idOf(1) })
    expect(await world.clock.until(isHeard, 5_000)).toBe(true)
    expect(copies).toMatchObject([{ hostId: hexOf(1) }])
  })

  it('gets in where all places are taken, and takes none of them', async () => {
    const { world, seed, leech, guest, copies } = await full()
    const isHeard = hearing(leech)
    leech.swarm.tellCopy({ hostId: idOf(1) })
    expect(await world.clock.until(isHeard, 500)).toBe(true)
    expect(copies.map(({ hostId }) => hostId)).toEqual([hexOf(1)])
    expect(guest.isConnected).toBe(true)
    await world.clock.advance(10_000)
    expect(seed.swarm.peers().map(({ address }) => address.host)).toEqual([guest.address.host])
  })

  it('is the only thing for which there are such places', async () => {
    const { world, seed, guest } = await full()
    const leech = busyGuest(world, true)
    const silent = busyGuest(world)
    for (const visitor of [leech, silent]) visitor.accept(world.network.connect(visitor, seed))
    await world.clock.advance(100)
    expect([leech.isConnected, silent.isConnected, guest.isConnected]).toEqual([false, true, true])
    await world.clock.advance(3_500)
    expect([silent.isConnected, guest.isConnected]).toEqual([false, true])
  })

  it('goes on until one that had no room has some', async () => {
    const world = new World({ pieces: 4 })
    let isFull = false
    const counting = world.scriptedPeer((link) => {
      if (isFull) link.close('no room')
      else link.extensionHandshake({ extensions: { copy: 4 }, listenPort: 6881 })
    })
    const leech = world.leech({ copies: 'told' })
    leech.meets(world.seed(), counting)
    expect(await world.completes([leech])).toBe(true)
    isFull = true
    counting.link.close('on its way elsewhere')
    await world.clock.advance(100)
    leech.swarm.tellCopy({ hostId: idOf(1) })
    await world.clock.advance(2_000)
    expect(counting.copies).toEqual([])
    isFull = false
    expect(await world.clock.until(() => counting.copies.length > 0, 5_000)).toBe(true)
  })

  it('goes on where so many come that the seed hangs up on some before they have said a word', async () => {
    const { world, seed, leech, copies } = pair()
    expect(await world.completes([leech])).toBe(true)
    await world.clock.advance(30_000)
    world.network.hangingUp.add(seed)
    const isHeard = hearing(leech)
    leech.swarm.tellCopy({ hostId: idOf(1) })
    await world.clock.advance(20_000)
    expect([isHeard(), copies.length]).toEqual([false, 0])
    world.network.hangingUp.delete(seed)
    expect(await world.clock.until(isHeard, 9_000)).toBe(true)
    expect(copies).toMatchObject([{ hostId: hexOf(1) }])
  })

  it('leads back to a seed that had dialled the host at the moment when the host dialled it', async () => {
    const world = new World({ pieces: 4 })
    const seed = world.seed({ copies: 'counted' })
    const copies = copiesAt(seed)
    const leeches = Array.from({ length: 6 }, () => world.leech({ copies: 'told' }))
    // One of the two connections stays, whichever that is.
    for (const leech of leeches) {
      seed.meets(leech)
      leech.meets(seed)
    }
    expect(await world.completes(leeches)).toBe(true)
    await world.clock.advance(30_000)
    for (const [index, leech] of leeches.entries()) leech.swarm.tellCopy({ hostId: idOf(index) })
    await world.clock.advance(3_000)
    expect(copies.map(({ hostId }) => hostId).sort()).toEqual(leeches.map((_, index) => hexOf(index)))
  })

  it('is given up after 5 s where nobody answers at all, and where somebody counts and says nothing', async () => {
    const { world, seed, leech } = pair()
    expect(await world.completes([leech])).toBe(true)
    await world.clock.advance(30_000)
    world.network.isSilentAt.add(seed)
    const isOver = hearing(leech)
    leech.swarm.tellCopy({ hostId: idOf(1) })
    await world.clock.advance(4_000)
    expect(isOver()).toBe(false)
    expect(await world.clock.until(isOver, 3_000)).toBe(true)

    const other = new World({ pieces: 4 })
    const deaf = other.scriptedPeer((link) => link.extensionHandshake({ extensions: { copy: 4 }, listenPort: 6881 }))
    const alone = other.leech({ copies: 'told' })
    alone.meets(other.seed(), deaf)
    expect(await other.completes([alone])).toBe(true)
    const isDone = hearing(alone)
    alone.swarm.tellCopy({ hostId: idOf(1) })
    await other.clock.advance(4_000)
    expect([isDone(), deaf.copies.length]).toEqual([false, 1])
    expect(await other.clock.until(isDone, 3_000)).toBe(true)
  })

  it('is over at once where the seed is gone, and where nobody counts', async () => {
    const { world, seed, leech } = pair()
    expect(await world.completes([leech])).toBe(true)
    world.network.remove(seed)
    const isHeard = hearing(leech)
    leech.swarm.tellCopy({ hostId: idOf(1) })
    expect(await world.clock.until(isHeard, 100)).toBe(true)

    const other = new World({ pieces: 4 })
    const plain = other.seed()
    const alone = other.leech({ copies: 'told' })
    alone.meets(plain)
    expect(await other.completes([alone])).toBe(true)
    const isOver = hearing(alone)
    alone.swarm.tellCopy({ hostId: idOf(1) })
    expect(isOver()).toBe(true)
  })

  it('reaches those that come later, and several that count', async () => {
    const { world, leech, copies } = pair()
    expect(await world.completes([leech])).toBe(true)
    leech.swarm.tellCopy({ hostId: idOf(1) })
    await world.clock.advance(1_000)
    const late = world.seed({ copies: 'counted' })
    const lateCopies = copiesAt(late)
    late.meets(leech)
    await world.clock.advance(1_000)
    expect([...copies, ...lateCopies].map(({ hostId }) => hostId)).toEqual([hexOf(1), hexOf(1)])
  })

  it('is not done by a swarm that was not asked to, and no message goes to whoever does not offer it', async () => {
    const world = new World({ pieces: 4 })
    const leech = world.leech()
    const seed = world.scriptedSeed()
    leech.meets(seed)
    expect(await world.completes([leech])).toBe(true)
    leech.swarm.tellCopy({ hostId: idOf(1) })
    await world.clock.advance(1_000)
    expect(seed.copies).toEqual([])
    expect(seed.extension?.extensions.copy ?? seed.extension?.extensions.copyHeard).toBeUndefined()
  })
})

describe('the name of a host', () => {
  it('is told from the start to those that count, once a connection', async () => {
    const world = new World({ pieces: 4 })
    const seed = world.seed({ copies: 'counted', upLimit: 1 })
    const leech = world.leech({ copies: 'told', hostName: 'web-7', zone: 'rack-7' })
    leech.meets(seed)
    await world.clock.advance(500)
    expect(seed.swarm.peers()).toMatchObject([{ hostName: 'web-7', zone: 'rack-7', progress: 0 }])
    const names: (string | undefined)[] = []
    const counting = new ScriptedPeer(
      world.network,
      world.torrent,
      { number: 99 },
      (link) => {
        for (let time = 0; time < 3; time++) link.extensionHandshake({ extensions: { copy: 4 }, listenPort: 6881 })
      },
      { onExtensionHandshake: ({ hostName }) => names.push(hostName) },
    )
    leech.meets(counting)
    await world.clock.advance(500)
    expect(names.filter((name) => name !== undefined)).toEqual(['web-7'])
  })

  it('is told to nobody else', async () => {
    const world = new World({ pieces: 4 })
    const leech = world.leech({ copies: 'told', hostName: 'web-7' })
    const other = world.leech({ copies: 'told' })
    const curious = world.scriptedPeer((link) => link.extensionHandshake({ extensions: { copyHeard: 5 }, listenPort: 6881 }))
    leech.meets(other, curious)
    await world.clock.advance(500)
    expect(other.swarm.peers()).toMatchObject([{ hostName: undefined }])
    expect(curious.extension).toBeDefined()
    expect(curious.extension?.hostName).toBeUndefined()
  })

  it('comes with the zone of the host when it counts', async () => {
    const world = new World({ pieces: 4 })
    const seed = world.seed({ copies: 'counted' })
    const leech = world.leech({ copies: 'told', hostName: 'web-7', zone: 'rack-7' })
    const copies = copiesAt(seed)
    leech.meets(seed)
    leech.swarm.tellCopy({ hostId: idOf(1), hostName: 'web-7' })
    await world.clock.advance(500)
    expect(copies).toMatchObject([{ hostName: 'web-7', zone: 'rack-7' }])
  })
})

describe('counting copies', () => {
  /** A peer that has everything, or nothing, says what it is, and hears what comes back. */
  function client(world: World, extensions: { copyHeard?: number } | undefined, hasAll = true): ScriptedPeer {
    return world.scriptedPeer((link) => {
      if (hasAll) link.haveAll()
      else link.haveNone()
      if (extensions !== undefined) link.extensionHandshake({ extensions, listenPort: 6881 })
    })
  }

  it('sees a client that does not know the message by its pieces, once', async () => {
    const { world, seed, copies } = pair()
    const plain = client(world, {})
    seed.meets(plain)
    await world.clock.advance(1_000)
    expect(copies).toMatchObject([{ hostId: undefined, listenAddress: plain.address }])
  })

  it('waits a little for one that has not introduced itself yet', async () => {
    const { world, seed, copies } = pair()
    const quiet = client(world, undefined)
    seed.meets(quiet)
    await world.clock.advance(1_500)
    expect(copies).toEqual([])
    await world.clock.advance(2_000)
    expect(copies).toMatchObject([{ hostId: undefined, listenAddress: quiet.address }])
  })

  it('answers each time, with the same id, and counts one that repeats itself once', async () => {
    const { world, seed, copies } = pair()
    const teller = client(world, { copyHeard: 9 }, false)
    seed.meets(teller)
    await world.clock.advance(500)
    expect(copies).toEqual([])
    for (let time = 0; time < 3; time++) teller.link.copy(4, { hostId: idOf(5), hostName: 'twice' })
    await world.clock.advance(100)
    expect(copies).toMatchObject([{ hostId: hexOf(5), hostName: 'twice' }])
    expect(teller.heardCopies).toEqual([1, 2, 3].map(() => ({ hostId: idOf(5) })))
  })

  it('parts at once with one that has everything and was heard, so that the next one finds a place', async () => {
    const { world, seed, leech } = pair()
    expect(await world.completes([leech])).toBe(true)
    const isHeard = hearing(leech)
    leech.swarm.tellCopy({ hostId: idOf(1) })
    expect(await world.clock.until(isHeard, 200)).toBe(true)
    await world.clock.advance(20)
    expect([seed.swarm.peers(), leech.swarm.peers()]).toEqual([[], []])
  })

  it('ends the connection of one that claims to be two hosts', async () => {
    const { world, seed, copies } = pair()
    const liar = client(world, { copyHeard: 9 }, false)
    seed.meets(liar)
    await world.clock.advance(500)
    liar.link.copy(4, { hostId: idOf(5) })
    liar.link.copy(4, { hostId: idOf(6) })
    await world.clock.advance(100)
    expect(liar.isConnected).toBe(false)
    expect(copies.map(({ hostId }) => hostId)).toEqual([hexOf(5)])
  })

  it('passes over another seed of the same host, and counts one of another host', async () => {
    const world = new World({ pieces: 4 })
    const [seed, twin, other] = [world.seed({ copies: 'counted' }), world.seed({ copies: 'counted' }), world.seed({ copies: 'counted' })]
    seed.swarm.tellCopy({ hostId: idOf(1) })
    twin.swarm.tellCopy({ hostId: idOf(1) })
    other.swarm.tellCopy({ hostId: idOf(2) })
    const copies = [seed, twin].map(copiesAt)
    seed.meets(twin, other)
    await world.clock.advance(3_000)
    expect(copies.map((told) => told.map(({ hostId }) => hostId))).toEqual([[hexOf(2)], []])
  })

  it('is not done by a host that only fetches', async () => {
    const { world, leech } = pair()
    const copies = copiesAt(leech)
    expect(await world.completes([leech])).toBe(true)
    const teller = client(world, { copyHeard: 9 })
    leech.meets(teller)
    await world.clock.advance(500)
    if (teller.isConnected) teller.link.copy(4, { hostId: idOf(5) })
    await world.clock.advance(500)
    expect(copies).toEqual([])
    expect(teller.heardCopies).toEqual([])
  })

  it('takes no answer to what was not told, nor one about another host', async () => {
    const world = new World({ pieces: 4 })
    const leech = world.leech({ copies: 'told' })
    const counting = world.scriptedPeer((link) => {
      link.haveAll()
      link.unchoke()
      link.extensionHandshake({ extensions: { copy: 4 }, listenPort: 6881 })
    })
    leech.meets(counting)
    const isHeard = hearing(leech)
    await world.clock.advance(100)
    leech.swarm.tellCopy({ hostId: idOf(1) })
    counting.link.copyHeard(5, { hostId: idOf(2) })
    await world.clock.advance(100)
    expect(isHeard()).toBe(false)
    counting.link.copyHeard(5, { hostId: idOf(1) })
    await world.clock.advance(100)
    expect(isHeard()).toBe(true)
  })
})

describe('the copies of a fleet', () => {
  it('are all counted by a seed with a few places, and hosts that are gone stay counted', async () => {
    const world = new World({ pieces: 8 })
    const seed = world.seed({ copies: 'counted', maxPeers: 5 })
    const leeches = Array.from({ length: 30 }, () => world.leech({ copies: 'told', uploadBytesPerSecond: 1_000_000 }))
    const copies = copiesAt(seed)
    for (const leech of leeches) leech.meets(seed, ...leeches.filter((other) => other !== leech).slice(0, 10))
    for (const [index, leech] of leeches.entries()) {
      leech.swarm.events.on('complete', () => leech.swarm.tellCopy({ hostId: idOf(index + 1) }))
      leech.swarm.events.on('copyHeard', () => world.clock.after(1, () => leech.swarm.stop()))
    }
    expect(await world.completes(leeches, 120_000)).toBe(true)
    expect(await world.clock.until(() => copies.length >= 30, 60_000)).toBe(true)
    expect(new Set(copies.map(({ hostId }) => hostId)).size).toBe(30)
  })
})
