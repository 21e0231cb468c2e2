import { describe, expect, it } from 'vitest'
import { KiB, MiB } from '../../../src/base/units.ts'
import type { WebSeedFailureEvent } from '../../../src/swarm/web-seeds/web-seeds.ts'
import type { ContentRange, WebSeedFailure } from '../../../src/web-seed/web-seed.ts'
import { MemoryWebSeed, type MemoryWebSeedOptions } from '../support/memory-web-seed.ts'
import type { TestHost } from '../support/test-host.ts'
import { World } from '../support/world.ts'

function webSeedOf(world: World, options: MemoryWebSeedOptions = {}): MemoryWebSeed {
  return new MemoryWebSeed(world.clock, world.torrent, options)
}

function failuresOf(host: TestHost): WebSeedFailureEvent[] {
  const failures: WebSeedFailureEvent[] = []
  host.swarm.events.on('webSeed', (failure) => failures.push(failure))
  return failures
}

function failureOf(kind: WebSeedFailure['kind'], isFinal = false): WebSeedFailure {
  return { kind, message: `It is ${kind}.`, isFinal, retryAfterMs: undefined }
}

describe('a fetch from web seeds', () => {
  it('works from one alone, in long ranges, each byte once, and leaves nothing behind', async () => {
    const world = new World({ pieces: 256 })
    const webSeed = webSeedOf(world)
    const leech = world.leech({ slots: 128 })
    leech.swarm.addWebSeed(webSeed, 'torrent')
    expect(await world.completes([leech])).toBe(true)
    expect(leech.isIntact).toBe(true)
    const bytes = world.torrent.content.length
    expect(leech.swarm.status()).toMatchObject({ downloadedBytes: bytes, webSeedBytes: bytes, wastedBytes: 0, webSeeds: 1 })
    expect(webSeed.sentBytes).toBe(bytes)
    expect(webSeed.ranges.length).toBeLessThan(30)
    // 16 MB at 10 MB/s, and less than a tenth for what is no transfer.
    expect(leech.completedMs).toBeLessThan(1_100 * (bytes / 10_000_000))
    expect([await world.leftBehind(), webSeed.open]).toEqual([[], 0])
  })

  it('keeps to the download limit with several ranges on their way', async () => {
    const world = new World({ pieces: 128 })
    const leech = world.leech({ downLimit: 1_000_000 })
    leech.swarm.addWebSeed(webSeedOf(world, { bytesPerSecond: 50_000_000 }), 'torrent')
    leech.swarm.addWebSeed(webSeedOf(world, { bytesPerSecond: 50_000_000 }), 'operator')
    expect(await world.completes([leech])).toBe(true)
    expect(leech.isIntact).toBe(true)
    const seconds = world.torrent.content.length / 1_000_000
    expect(leech.completedMs / 1_000).toBeGreaterThan(0.95 * seconds)
    expect(leech.completedMs / 1_000).toBeLessThan(1.1 * seconds)
    expect(await world.leftBehind()).toEqual([])
  })

  it('asks for ranges of 16 MiB at most', async () => {
    const world = new World({ pieces: 32, pieceBytes: MiB })
    const webSeed = webSeedOf(world, { bytesPerSecond: 10_000_000 })
    const leech = world.leech({ slots: 64 })
    leech.swarm.addWebSeed(webSeed, 'torrent')
    expect(await world.completes([leech])).toBe(true)
    const longest = Math.max(...webSeed.ranges.map(({ lengthBytes }) => lengthBytes))
    expect(longest).toBeGreaterThan(4 * MiB)
    expect(longest).toBeLessThanOrEqual(16 * MiB)
  })

  it('does with two slots for pieces in memory', async () => {
    const world = new World()
    const leech = world.leech({ slots: 2 })
    leech.swarm.addWebSeed(webSeedOf(world), 'torrent')
    expect(await world.completes([leech])).toBe(true)
    expect(await world.leftBehind()).toEqual([])
  })

  it('never asks one again that lied, says so, and gets everything from another', async () => {
    const world = new World()
    const liar = webSeedOf(world, {
      label: 'liar',
      falsify: (bytes) => {
        bytes[0] = (bytes[0] ?? 0) ^ 1
      },
    })
    const honest = webSeedOf(world, { label: 'honest', bytesPerSecond: 500_000 })
    const leech = world.leech()
    const failures = failuresOf(leech)
    leech.swarm.addWebSeed(liar, 'torrent')
    leech.swarm.addWebSeed(honest, 'operator')
    expect(await world.clock.until(() => failures.length > 0, 60_000)).toBe(true)
    const asked = liar.ranges.length
    expect(failures).toEqual([{ message: 'liar sent wrong data and is not asked again.', isOut: true, hasLied: true }])
    expect(leech.swarm.webSeeds().map(({ state }) => state)).toEqual(['out', 'active'])
    expect(await world.completes([leech])).toBe(true)
    expect([leech.isIntact, liar.ranges.length, liar.open]).toEqual([true, asked, 0])
    expect(failures).toHaveLength(1)
    expect(await world.leftBehind()).toEqual([])
  })

  it.each([false, true])(
    'names a liar that was taken away before its guilt was proved, and bans no peer; patient: %s',
    async (isPatient) => {
      const world = new World({ pieces: 16, pieceBytes: MiB })
      const liar = webSeedOf(world, {
        label: 'liar',
        bytesPerSecond: 500_000,
        falsify: (bytes) => {
          bytes[0] = (bytes[0] ?? 0) ^ 1
        },
      })
      const leech = world.leech()
      const failures = failuresOf(leech)
      leech.swarm.addWebSeed(liar, 'torrent')
      await world.clock.advance(1_000)
      leech.swarm.addWebSeed(webSeedOf(world, { label: 'honest' }), 'operator')
      leech.swarm.removeWebSeed(liar, isPatient)
      expect(await world.completes([leech])).toBe(true)
      expect(leech.isIntact).toBe(true)
      expect(failures).toEqual([{ message: 'liar sent wrong data and is not asked again.', isOut: true, hasLied: true }])
      expect(leech.swarm.status()).toMatchObject({ bannedPeers: 0, webSeeds: 1 })
      expect(liar.open).toBe(0)
      expect(await world.leftBehind()).toEqual([])
    },
  )

  it('names a liar too that was given up for other reasons before its guilt was proved', async () => {
    const world = new World({ pieces: 2, pieceBytes: MiB })
    const liar = webSeedOf(world, {
      label: 'liar',
      falsify: (bytes) => {
        bytes[0] = (bytes[0] ?? 0) ^ 1
      },
      failure: () => ({ afterBytes: 500_000, failure: failureOf('denied', true) }),
    })
    const leech = world.leech()
    const failures = failuresOf(leech)
    leech.swarm.addWebSeed(liar, 'torrent')
    expect(await world.clock.until(() => failures.length > 0, 60_000)).toBe(true)
    leech.swarm.addWebSeed(webSeedOf(world), 'operator')
    expect(await world.completes([leech])).toBe(true)
    expect(leech.isIntact).toBe(true)
    expect(failures.map(({ hasLied }) => hasLied)).toEqual([false, true])
  })

  it('gets from another what one lacks, and the rest from that one without a pause', async () => {
    const world = new World({ pieces: 64 })
    const lacks = { begin: 16 * 64 * KiB, lengthBytes: 8 * 64 * KiB }
    const overlaps = ({ begin, lengthBytes }: ContentRange): boolean => begin < 24 * 64 * KiB && begin + lengthBytes > lacks.begin
    const missing = { ...failureOf('missing'), lacks }
    const partial = webSeedOf(world, {
      failure: (range) => (overlaps(range) ? { afterBytes: Math.max(0, lacks.begin - range.begin), failure: missing } : undefined),
    })
    const whole = webSeedOf(world, { bytesPerSecond: 200_000 })
    const leech = world.leech()
    const failures = failuresOf(leech)
    leech.swarm.addWebSeed(partial, 'torrent')
    expect(await world.clock.until(() => failures.length > 0, 60_000)).toBe(true)
    const asked = partial.ranges.filter(overlaps).length
    expect(leech.swarm.webSeeds()).toMatchObject([{ lastFailure: 'It is missing.', retryInMs: undefined }])
    leech.swarm.addWebSeed(whole, 'torrent')
    expect(await world.completes([leech])).toBe(true)
    expect(leech.isIntact).toBe(true)
    // The half megabyte that only the slow one has takes 2.6 s; a failure would have put the fast one aside for 5 s.
    expect(leech.completedMs).toBeLessThan(4_000)
    expect([failures.length, partial.ranges.filter(overlaps).length]).toEqual([1, asked])
    expect(whole.sentBytes).toBeLessThan(2 * 1024 * KiB)
    expect(await world.leftBehind()).toEqual([])
  })

  it('counts one as out that has nothing of what is still to come, and one that lacks five parts in a row', async () => {
    const world = new World({ pieces: 64 })
    const half = { begin: 32 * 64 * KiB, lengthBytes: 32 * 64 * KiB }
    const partial = webSeedOf(world, {
      failure: ({ begin, lengthBytes }) =>
        begin + lengthBytes > half.begin
          ? { afterBytes: Math.max(0, half.begin - begin), failure: { ...failureOf('missing'), lacks: half } }
          : undefined,
    })
    const empty = webSeedOf(world, {
      failure: ({ begin }) => {
        const lacks = { begin: begin - (begin % (4 * 64 * KiB)), lengthBytes: 4 * 64 * KiB }
        return { afterBytes: 0, failure: { ...failureOf('missing'), lacks } }
      },
    })
    const leech = world.leech()
    leech.swarm.addWebSeed(empty, 'torrent')
    const isOut = (): boolean => leech.swarm.webSeeds().every(({ state }) => state === 'out')
    expect(await world.clock.until(isOut, 60_000)).toBe(true)
    expect(leech.swarm.webSeeds()).toMatchObject([{ strikes: 5, downloadedBytes: 0 }])
    leech.swarm.addWebSeed(partial, 'torrent')
    expect(await world.clock.until(isOut, 60_000)).toBe(true)
    expect(leech.swarm.status()).toMatchObject({ webSeeds: 0, bytesDone: half.begin })
    leech.swarm.addWebSeed(webSeedOf(world), 'operator')
    expect(await world.completes([leech])).toBe(true)
    expect(leech.isIntact).toBe(true)
    expect(await world.leftBehind()).toEqual([])
  })

  it('is done by another when one is silent, which counts as a failure', async () => {
    const world = new World()
    const silent = webSeedOf(world, { isSilent: () => true })
    const other = webSeedOf(world, { bytesPerSecond: 300_000 })
    const leech = world.leech()
    const failures = failuresOf(leech)
    leech.swarm.addWebSeed(silent, 'torrent')
    expect(await world.clock.until(() => failures.length > 0, 60_000)).toBe(true)
    // The swarm leaves it to the web seed to say for how long it may be silent.
    expect(world.clock.nowMs()).toBeGreaterThanOrEqual(30_000)
    expect(failures).toEqual([{ message: 'memory web seed was silent for 30 s.', isOut: false, hasLied: false }])
    expect(silent.open).toBe(0)
    leech.swarm.addWebSeed(other, 'operator')
    expect(await world.completes([leech])).toBe(true)
    expect(leech.isIntact).toBe(true)
    expect(await world.leftBehind()).toEqual([])
  })

  it('gets everything from one that was silent at first, and slow to answer after that', async () => {
    const world = new World({ pieces: 64 })
    const isSilent = (): boolean => world.clock.nowMs() < 10_000
    const leech = world.leech()
    const failures = failuresOf(leech)
    leech.swarm.addWebSeed(webSeedOf(world, { isSilent, latencyMs: 2_000 }), 'torrent')
    expect(await world.completes([leech])).toBe(true)
    expect([leech.isIntact, failures.length]).toEqual([true, 1])
    expect(leech.completedMs).toBeLessThan(50_000)
    expect(await world.leftBehind()).toEqual([])
  })

  it('asks one again that was silent three times in a row', async () => {
    const world = new World({ pieces: 64 })
    let tries = 0
    const isSilent = (): boolean => ++tries <= 3
    const leech = world.leech()
    const failures = failuresOf(leech)
    leech.swarm.addWebSeed(webSeedOf(world, { isSilent, latencyMs: 1_500 }), 'torrent')
    expect(await world.completes([leech], 600_000)).toBe(true)
    expect(failures.map(({ isOut }) => isOut)).toEqual([false, false, false])
    expect(await world.leftBehind()).toEqual([])
  })

  it.each([
    [Number.POSITIVE_INFINITY, 8_000],
    [300_000, 14_000],
  ])('goes on with what a silent one was asked for as soon as a peer can give it, at %d B/s', async (downLimit, limitMs) => {
    const world = new World()
    const silent = webSeedOf(world, { isSilent: () => true })
    const leech = world.leech({ downLimit })
    const failures = failuresOf(leech)
    leech.swarm.addWebSeed(silent, 'torrent')
    await world.clock.advance(5_000)
    expect(silent.open).toBeGreaterThan(0)
    leech.meets(world.seed())
    expect(await world.completes([leech])).toBe(true)
    expect([leech.isIntact, failures.length]).toEqual([true, 0])
    expect(leech.completedMs).toBeLessThan(limitMs)
    expect(await world.leftBehind()).toEqual([])
  })

  it('keeps what came before a failure, and goes on after the wait', async () => {
    const world = new World()
    let broken = 0
    const failure = (): { afterBytes: number; failure: WebSeedFailure } | undefined =>
      ++broken <= 4 ? { afterBytes: 60_000, failure: failureOf('unreachable') } : undefined
    const webSeed = webSeedOf(world, { failure })
    const leech = world.leech()
    leech.swarm.addWebSeed(webSeed, 'torrent')
    expect(await world.completes([leech], 600_000)).toBe(true)
    expect(leech.isIntact).toBe(true)
    // 5, 20 and 80 s, and up to a quarter more: two of the four were on their way together, and ended as one.
    expect(leech.completedMs).toBeGreaterThan(105_000)
    expect(leech.completedMs).toBeLessThan(1.26 * 105_000)
    // Of each broken range one block at most had begun.
    expect(webSeed.sentBytes).toBeLessThan(world.torrent.content.length + 4 * 2 * 16 * KiB)
  })

  it('gives one up after five failures in a row, and goes on when a new one is named', async () => {
    const world = new World()
    const webSeed = webSeedOf(world, { failure: () => ({ afterBytes: 0, failure: failureOf('unreachable') }) })
    const leech = world.leech()
    const failures = failuresOf(leech)
    leech.swarm.addWebSeed(webSeed, 'torrent')
    await world.clock.advance(1_000_000)
    expect(failures.map(({ isOut }) => isOut)).toEqual([false, false, false, false, true])
    expect(leech.swarm.webSeeds()).toMatchObject([{ state: 'out', strikes: 5, lastFailure: 'It is unreachable.' }])
    leech.swarm.addWebSeed(webSeedOf(world), 'operator')
    expect(await world.completes([leech])).toBe(true)
  })
})

describe('a web seed that is replaced', () => {
  it.each([false, true])(
    'is told of as soon as nothing is on its way from it, so that it can be closed; patient: %s',
    async (isPatient) => {
      const world = new World({ pieces: 128 })
      const [first, second] = [webSeedOf(world), webSeedOf(world)]
      const leech = world.leech()
      const left: { readonly webSeed: unknown; readonly open: number }[] = []
      leech.swarm.events.on('webSeedLeft', (webSeed) => left.push({ webSeed, open: first.open }))
      leech.swarm.addWebSeed(first, 'torrent')
      leech.swarm.addWebSeed(second, 'operator')
      await world.clock.advance(50)
      leech.swarm.removeWebSeed(first, isPatient)
      expect(left).toHaveLength(isPatient ? 0 : 1)
      await world.clock.advance(5_000)
      expect(left).toEqual([{ webSeed: first, open: 0 }])
    },
  )

  it.each([10_000_000, 2_000_000])('at half of the content gives what is on its way, and each byte comes once, at %d B/s', async (rate) => {
    const world = new World({ pieces: 128 })
    const [first, second] = [webSeedOf(world, { bytesPerSecond: rate }), webSeedOf(world)]
    const leech = world.leech({ slots: 40 })
    leech.swarm.addWebSeed(first, 'torrent')
    await world.clock.until(() => leech.store.verified.count > 0 || leech.pieceTimes.size >= 64, 60_000)
    expect(leech.swarm.removeWebSeed(first, true)).toBe(true)
    leech.swarm.addWebSeed(second, 'operator')
    expect(first.open).toBeGreaterThan(0)
    expect(await world.completes([leech])).toBe(true)
    expect(leech.isIntact).toBe(true)
    expect(first.sentBytes + second.sentBytes).toBe(world.torrent.content.length)
    expect(second.sentBytes).toBeGreaterThan(0)
    expect(leech.swarm.status()).toMatchObject({ wastedBytes: 0, webSeedBytes: world.torrent.content.length, webSeeds: 1 })
    expect([await world.leftBehind(), first.open]).toEqual([[], 0])
  })

  it.each([
    ['a web seed', (world: World, leech: TestHost) => leech.swarm.addWebSeed(webSeedOf(world), 'operator')],
    ['a peer', (world: World, leech: TestHost) => leech.meets(world.seed())],
  ])('and slow gives the block that is arriving, and %s all else that it owes, once that has nothing else to do', async (_what, join) => {
    const world = new World({ pieces: 128 })
    const slow = webSeedOf(world, { bytesPerSecond: 50_000 })
    const leech = world.leech()
    leech.swarm.addWebSeed(slow, 'torrent')
    await world.clock.advance(1_000)
    leech.swarm.removeWebSeed(slow, true)
    join(world, leech)
    await world.clock.advance(2_000)
    expect([slow.open, leech.swarm.webSeeds().at(-1)?.state]).toEqual([1, 'leaving'])
    expect(await world.completes([leech])).toBe(true)
    expect(leech.isIntact).toBe(true)
    expect(leech.completedMs).toBeLessThan(7_000)
    const { wastedBytes, downloadedBytes } = leech.swarm.status()
    expect([wastedBytes, downloadedBytes]).toEqual([0, world.torrent.content.length])
    expect(slow.sentBytes).toBeGreaterThan(100_000)
    expect(slow.open).toBe(0)
    expect(await world.leftBehind()).toEqual([])
  })

  it('is let finish as long as nobody else has nothing to do', async () => {
    const world = new World({ pieces: 256 })
    const [slow, slower] = [webSeedOf(world, { bytesPerSecond: 700_000 }), webSeedOf(world, { bytesPerSecond: 400_000 })]
    const leech = world.leech({ slots: 256 })
    leech.swarm.addWebSeed(slow, 'torrent')
    await world.clock.advance(500)
    leech.swarm.removeWebSeed(slow, true)
    leech.swarm.addWebSeed(slower, 'operator')
    expect(await world.completes([leech])).toBe(true)
    // It owed 4 MiB when it was told to leave, which is more than 3 s of its rate.
    expect(slow.sentBytes).toBeGreaterThanOrEqual(4 * MiB)
    expect(slow.sentBytes + slower.sentBytes).toBe(world.torrent.content.length)
  })

  it('without patience stops at once, and what came of it is kept', async () => {
    const world = new World({ pieces: 128 })
    const [first, second] = [webSeedOf(world), webSeedOf(world)]
    const leech = world.leech()
    leech.swarm.addWebSeed(first, 'torrent')
    await world.clock.until(() => leech.pieceTimes.size >= 64, 60_000)
    const sent = first.sentBytes
    leech.swarm.removeWebSeed(first, false)
    expect(first.open).toBe(0)
    leech.swarm.addWebSeed(second, 'operator')
    expect(await world.completes([leech])).toBe(true)
    expect(first.sentBytes).toBe(sent)
    // Of each of the two ranges that were on their way, part of a block is lost.
    expect(sent + second.sentBytes).toBeLessThanOrEqual(world.torrent.content.length + 2 * 16 * KiB)
    expect(leech.swarm.removeWebSeed(first, false)).toBe(false)
  })
})
