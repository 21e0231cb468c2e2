import type { PeerAddress } from '../../../src/base/address.ts'
import type {
  CopyMessage,
  ExtensionHandshake,
  MetadataMessage,
  PartQuestion,
  PartSums,
  PeerExchangeMessage,
} from '../../../src/wire/extension-messages.ts'
import type { HashMessage } from '../../../src/wire/hash-message.ts'
import type { LinkHandler, PeerHandshake, PeerLink } from '../../../src/wire/link.ts'
import { SeededRandom } from '../../support/seeded-random.ts'
import type { MemoryLink } from './memory-link.ts'
import type { MemoryNetwork, NetworkHost } from './memory-network.ts'
import type { TestTorrent } from './test-torrent.ts'
import { Uplink } from './uplink.ts'

/** What a scripted peer does when it hears something; what is not named is ignored. */
export type Script = Partial<LinkHandler>

/** A peer without a swarm behind it: it says what the test lets it say, and keeps what it hears. */
export class ScriptedPeer implements NetworkHost, LinkHandler {
  readonly address: PeerAddress
  readonly uplink: Uplink
  readonly handshake: PeerHandshake
  readonly requests: { piece: number; begin: number; length: number }[] = []
  readonly cancels: { piece: number; begin: number }[] = []
  readonly rejects: { piece: number; begin: number }[] = []
  readonly haves: number[] = []
  readonly blocks: { piece: number; begin: number }[] = []
  readonly metadata: MetadataMessage[] = []
  readonly exchanges: PeerExchangeMessage[] = []
  readonly copies: CopyMessage[] = []
  readonly heardCopies: CopyMessage[] = []
  readonly hashMessages: HashMessage[] = []
  readonly partQuestions: PartQuestion[] = []
  readonly partSums: PartSums[] = []
  readonly allowedFast: number[] = []
  extension: ExtensionHandshake | undefined
  isUnchoked = false
  isInteresting = false
  closeReason: string | undefined
  readonly #script: Script
  readonly #onJoin: (link: MemoryLink, peer: ScriptedPeer) => void
  #link: MemoryLink | undefined

  constructor(
    network: MemoryNetwork,
    torrent: TestTorrent,
    options: {
      readonly number: number
      readonly supportsFast?: boolean
      readonly supportsV2?: boolean
      readonly host?: string
      readonly uploadBytesPerSecond?: number
    },
    onJoin: (link: MemoryLink, peer: ScriptedPeer) => void,
    script: Script = {},
  ) {
    this.address = { host: options.host ?? `10.9.${options.number >> 8}.${options.number & 255}`, port: 6881 }
    this.uplink = new Uplink(network.clock, options.uploadBytesPerSecond ?? 10_000_000)
    this.handshake = {
      infoHash: torrent.infoHash,
      peerId: new SeededRandom(options.number * 104_729).bytes(20),
      supportsFast: options.supportsFast ?? true,
      supportsExtensions: true,
      supportsDht: false,
      supportsV2: options.supportsV2 ?? false,
    }
    this.#onJoin = onJoin
    this.#script = script
    network.add(this)
  }

  /** Its end of the newest connection. */
  get link(): MemoryLink {
    if (this.#link === undefined) throw new RangeError('nobody connected yet')
    return this.#link
  }

  get isConnected(): boolean {
    return this.#link !== undefined && !this.#link.isClosed
  }

  accept(link: PeerLink): void {
    this.#link = link as MemoryLink
    this.closeReason = undefined
    link.attach(this)
    this.#onJoin(this.#link, this)
  }

  onChoke(): void {
    this.isUnchoked = false
    this.#script.onChoke?.()
  }

  onUnchoke(): void {
    this.isUnchoked = true
    this.#script.onUnchoke?.()
  }

  onInterested(): void {
    this.isInteresting = true
    this.#script.onInterested?.()
  }

  onNotInterested(): void {
    this.isInteresting = false
    this.#script.onNotInterested?.()
  }

  onHave(piece: number): void {
    this.haves.push(piece)
    this.#script.onHave?.(piece)
  }

  onBitfield(bytes: Uint8Array): void {
    this.#script.onBitfield?.(bytes)
  }

  onHaveAll(): void {
    this.#script.onHaveAll?.()
  }

  onHaveNone(): void {
    this.#script.onHaveNone?.()
  }

  onRequest(piece: number, begin: number, length: number): void {
    this.requests.push({ piece, begin, length })
    this.#script.onRequest?.(piece, begin, length)
  }

  onCancel(piece: number, begin: number, length: number): void {
    this.cancels.push({ piece, begin })
    this.#script.onCancel?.(piece, begin, length)
  }

  onReject(piece: number, begin: number, length: number): void {
    this.rejects.push({ piece, begin })
    this.#script.onReject?.(piece, begin, length)
  }

  onSuggest(): void {}

  onAllowedFast(piece: number): void {
    this.allowedFast.push(piece)
  }

  onPort(): void {}

  onExtensionHandshake(handshake: ExtensionHandshake): void {
    this.extension = handshake
    this.#script.onExtensionHandshake?.(handshake)
  }

  onMetadata(message: MetadataMessage): void {
    this.metadata.push(message)
    this.#script.onMetadata?.(message)
  }

  onPeerExchange(message: PeerExchangeMessage): void {
    this.exchanges.push(message)
  }

  onDontHave(): void {}

  onCopy(message: CopyMessage): void {
    this.copies.push(message)
    this.#script.onCopy?.(message)
  }

  onCopyHeard(message: CopyMessage): void {
    this.heardCopies.push(message)
  }

  onPartQuestion(message: PartQuestion): void {
    this.partQuestions.push(message)
    this.#script.onPartQuestion?.(message)
  }

  onPartSums(message: PartSums): void {
    this.partSums.push(message)
    this.#script.onPartSums?.(message)
  }

  onHashMessage(message: HashMessage): void {
    this.hashMessages.push(message)
    this.#script.onHashMessage?.(message)
  }

  onBlockStart(piece: number, begin: number, length: number): number {
    return this.#script.onBlockStart?.(piece, begin, length) ?? -1
  }

  onBlockEnd(piece: number, begin: number, length: number): void {
    this.blocks.push({ piece, begin })
    this.#script.onBlockEnd?.(piece, begin, length)
  }

  onReceived(): void {}

  onSent(): void {}

  onClose(reason: string): void {
    this.closeReason = reason
    this.#script.onClose?.(reason)
  }
}
