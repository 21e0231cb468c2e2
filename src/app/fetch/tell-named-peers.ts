import { DistroError } from '../../base/errors.ts'
import { Events } from '../../base/events.ts'
import { firstOf } from '../../base/first-of.ts'
import type { FetchStore } from '../../store/fetch-store.ts'
import type { InfoDictionary } from '../../torrent/info.ts'
import type { MerkleTrees } from '../../torrent/merkle-trees.ts'
import { tellCopy, untilHeard } from '../copies/tell-copy.ts'
import type { VerbEvents } from '../events.ts'
import type { NetworkRequest } from '../network/network-request.ts'
import { Participation } from '../network/participation.ts'
import type { SwarmIdentity } from '../network/swarm-identity.ts'
import { untilAborted, within } from '../waiting.ts'

/** The names of peers are looked up within this time; who cannot be found by then is not told. */
const LOOK_UP_MS = 5_000
/** Peers that a warning names. */
const NAMED = 3
const UNTOLD = 'Nobody was told that it is in place here'

/** What is in place, and to whom that may be told. */
export interface StandingTree {
  readonly network: NetworkRequest
  readonly identity: SwarmIdentity
  readonly content: InfoDictionary
  readonly store: FetchStore
  readonly trees: MerkleTrees | undefined
}

/**
 * Tells the peers that a person named that the whole tree is in place here: a seed that counts copies may have missed it when it was new.
 * Takes as long as it takes a fetch that is done to be heard. No others are looked for, so it ends at once where none was named or none can
 * be reached, and it never fails for what a network does. Where nobody could be told, one warning says so and why.
 */
export async function tellNamedPeers(tree: StandingTree, events: Events<VerbEvents>, signal: AbortSignal): Promise<void> {
  const { network, identity, content, store, trees } = tree
  if (network.peers.length === 0 || !store.selection.isWhole || signal.aborted) return
  const participation = await joinNamed(network, identity, events)
  if (participation === undefined) return
  try {
    const { swarm } = participation
    let isReached = false
    swarm.events.on('peer', ({ kind }) => {
      isReached ||= kind === 'connected'
    })
    const { geometry: layout, wanted, servable } = store
    swarm.setTorrent({ infoBytes: content.infoBytes, layout, store, trees, wanted, servable })
    await within(untilAborted(participation.begun, signal), LOOK_UP_MS)
    const warn = (message: string): void => events.emit('warning', { message })
    const { heard } = await tellCopy(swarm, { stateDir: network.stateDir, hostName: identity.hostName, warn })
    await untilHeard(heard, signal)
    if (!isReached && !signal.aborted) warn(`${UNTOLD}: ${firstOf(participation.search.named, NAMED)}.`)
  } finally {
    await participation.stop()
  }
}

async function joinNamed(network: NetworkRequest, identity: SwarmIdentity, events: Events<VerbEvents>): Promise<Participation | undefined> {
  const namedOnly = { ...network, usesDht: false, usesLocalDiscovery: false, usesPeerExchange: false, trackers: [] }
  try {
    // What warns of a peer says that it is tried again, as for a fetch that goes on.
    return await Participation.join(namedOnly, { ...identity, trackers: [], bytesLeft: 0 }, new Events<VerbEvents>())
  } catch (error) {
    if (!(error instanceof DistroError)) throw error
    events.emit('warning', { message: `${UNTOLD}: ${error.message}` })
    return undefined
  }
}
