import { expect } from 'vitest'
import type { CopyEvent } from '../../../src/swarm/copy-exchange.ts'
import type { ScriptedPeer } from './scripted-peer.ts'
import type { TestHost } from './test-host.ts'
import { World } from './world.ts'

/** The number of a host. */
export const idOf = (number: number): Uint8Array => new Uint8Array(16).fill(number)
/** The same in hexadecimal. */
export const hexOf = (number: number): string => Buffer.from(idOf(number)).toString('hex')

/** What a host counted. */
export function copiesAt(host: TestHost): CopyEvent[] {
  const copies: CopyEvent[] = []
  host.swarm.events.on('copy', (copy) => copies.push(copy))
  return copies
}

/** Whether those that count have heard of its copy, as the host was told. */
export function hearing(host: TestHost): () => boolean {
  let isHeard = false
  host.swarm.events.on('copyHeard', () => {
    isHeard = true
  })
  return () => isHeard
}

/** A seed that counts, and a leech that tells and was told of the seed by a person. */
export function pair(): { world: World; seed: TestHost; leech: TestHost; copies: CopyEvent[] } {
  const world = new World({ pieces: 4 })
  const seed = world.seed({ copies: 'counted' })
  const leech = world.leech({ copies: 'told' })
  leech.meets(seed)
  return { world, seed, leech, copies: copiesAt(seed) }
}

/** A peer that wants everything, so that nobody takes its place. */
export function busyGuest(world: World, introducesItself = false): ScriptedPeer {
  return world.scriptedPeer((link) => {
    link.haveNone()
    link.interested()
    if (introducesItself) link.extensionHandshake({ extensions: {} })
  })
}

/** What `full` made. */
interface FullSeed {
  readonly world: World
  readonly seed: TestHost
  readonly leech: TestHost
  readonly guest: ScriptedPeer
  readonly copies: CopyEvent[]
}

/** A seed with one place that somebody else took, and a leech that has everything and is no longer connected with it. */
export async function full(): Promise<FullSeed> {
  const world = new World({ pieces: 4 })
  const seed = world.seed({ copies: 'counted', maxPeers: 1 })
  const leech = world.leech({ copies: 'told' })
  const copies = copiesAt(seed)
  leech.meets(seed)
  expect(await world.completes([leech])).toBe(true)
  await world.clock.advance(30_000)
  const guest = busyGuest(world)
  guest.accept(world.network.connect(guest, seed))
  await world.clock.advance(100)
  return { world, seed, leech, guest, copies }
}
