import type { PeerAddress } from '../../src/base/address.ts'
import { BlockBatch } from '../../src/wire/block-batch.ts'
import type { LinkHandler, PeerHandshake, PeerLink } from '../../src/wire/link.ts'
import { SeededRandom } from '../support/seeded-random.ts'
import type { Line } from './line.ts'
import type { Parcel } from './parcel.ts'
import type { HostPlan } from './simulated-host.ts'
import type { NetworkNode } from './simulated-network.ts'
import type { Simulation } from './simulation.ts'
import { Traffic } from './traffic.ts'

/** What it does with requests: nothing at all, or one block now and then. */
export type Hostility = 'silent' | 'drips'

/** Between two blocks on one connection. */
const DRIP_PERIOD_MS = 10_000
/** Hosts that it dials of those that a tracker names. */
const DIALS = 20

/** A peer that is not the engine: it claims to have everything, lets everybody ask, and gives nothing or next to nothing. */
export class HostilePeer implements NetworkNode {
  readonly address: PeerAddress
  readonly handshake: PeerHandshake
  readonly isBehindNat = false
  readonly quota = undefined
  readonly up: Line<Parcel>
  readonly down: Line<Parcel>
  readonly latencyMs: number
  readonly zone: undefined
  readonly falseMark = 0
  readonly traffic: Traffic = new Traffic()
  /** Requests that it was sent. */
  requests = 0
  readonly #run: Simulation
  readonly #hostility: Hostility

  constructor(run: Simulation, plan: HostPlan, hostility: Hostility) {
    this.#run = run
    this.#hostility = hostility
    this.address = plan.address
    this.latencyMs = plan.latencyMs
    this.up = run.network.line(plan.upBytesPerSecond)
    this.down = run.network.line(plan.downBytesPerSecond)
    this.handshake = {
      infoHash: run.torrent.infoHash,
      peerId: new SeededRandom(run.options.seed * 1_000_003 + plan.number).bytes(20),
      supportsFast: true,
      supportsExtensions: true,
      supportsDht: false,
      supportsV2: false,
    }
  }

  /** Announces itself, and connects with hosts that the tracker knows. */
  start(): void {
    const { network, tracker, torrent } = this.#run
    network.add(this)
    const dialer = network.dialerOf(() => this)
    const own = { infoHash: torrent.infoHash, peerId: this.handshake.peerId, supportsDht: false }
    for (const address of tracker.announce(this.address).slice(0, DIALS)) {
      dialer.dial(address, own, (outcome) => {
        if ('link' in outcome) this.accept(outcome.link)
      })
    }
  }

  accept(link: PeerLink): void {
    link.haveAll()
    link.extensionHandshake({ extensions: {}, client: 'another client', listenPort: this.address.port, requestQueueLimit: 500 })
    link.unchoke()
    link.attach(this.#handlerOf(link))
  }

  #handlerOf(link: PeerLink): LinkHandler {
    const asked: [piece: number, begin: number, length: number][] = []
    let isOpen = true
    const drip = (): void => {
      const block = asked.shift()
      if (block !== undefined) sendBlock(link, ...block)
      if (isOpen) this.#run.events.after(DRIP_PERIOD_MS, drip)
    }
    if (this.#hostility === 'drips') this.#run.events.after(DRIP_PERIOD_MS, drip)
    const ignore = (): void => undefined
    return {
      ...{ onChoke: ignore, onUnchoke: ignore, onInterested: ignore, onNotInterested: ignore, onHave: ignore, onBitfield: ignore },
      ...{ onHaveAll: ignore, onHaveNone: ignore, onCancel: ignore, onReject: ignore, onSuggest: ignore, onAllowedFast: ignore },
      ...{ onPort: ignore, onExtensionHandshake: ignore, onMetadata: ignore, onPeerExchange: ignore, onDontHave: ignore },
      ...{ onCopy: ignore, onCopyHeard: ignore, onPartQuestion: ignore, onPartSums: ignore, onHashMessage: ignore },
      ...{ onBlockStart: () => -1, onBlockEnd: ignore, onReceived: ignore, onSent: ignore },
      onRequest: (piece, begin, length) => {
        this.requests++
        asked.push([piece, begin, length])
      },
      onClose: () => {
        isOpen = false
      },
    }
  }
}

function sendBlock(link: PeerLink, piece: number, begin: number, length: number): void {
  const batch = new BlockBatch(false)
  batch.add(piece, begin, length)
  link.sendBlocks(batch, () => undefined)
}
