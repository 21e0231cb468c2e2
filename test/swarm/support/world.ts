import { Bitfield } from '../../../src/base/bitfield.ts'
import { BLOCK_BYTES, KiB } from '../../../src/base/units.ts'
import { partSumsBytes, writePartSums } from '../../../src/torrent/block-parts.ts'
import type { PartQuestion } from '../../../src/wire/extension-messages.ts'
import { OWN_EXTENSION_IDS } from '../../../src/wire/extension-protocol.ts'
import type { HashMessage } from '../../../src/wire/hash-message.ts'
import { MemoryNetwork } from './memory-network.ts'
import { ScriptedPeer } from './scripted-peer.ts'
import { TestHost, type TestHostOptions } from './test-host.ts'
import { TestTorrent } from './test-torrent.ts'
import { VirtualClock } from './virtual-clock.ts'

/** How a scripted seed differs from an honest one. */
export interface ScriptedAnswers {
  /** What it says that it has; everything unless given. */
  readonly pieces?: readonly number[]
  readonly staysChoked?: boolean
  readonly onHashes?: (peer: ScriptedPeer, message: HashMessage) => void
  /** Given, it offers to tell sums of parts. */
  readonly onParts?: (peer: ScriptedPeer, question: PartQuestion) => void
  readonly answer?: (peer: ScriptedPeer, piece: number, begin: number, length: number) => void
}

/** What a swarm test needs: a clock, a network, a torrent, and hosts with numbers in the order in which they come. */
export class World {
  readonly clock: VirtualClock = new VirtualClock()
  readonly network: MemoryNetwork
  readonly torrent: TestTorrent
  readonly hosts: TestHost[] = []
  #scripted = 0

  constructor(
    options: { readonly pieces?: number; readonly pieceBytes?: number; readonly latencyMs?: number; readonly infoBytes?: number } = {},
  ) {
    const { pieces = 32, pieceBytes = 64 * KiB } = options
    this.network = new MemoryNetwork(this.clock, options.latencyMs ?? 5)
    // The last piece and its last block are short, as in most torrents.
    this.torrent = new TestTorrent(pieces * pieceBytes - 1_234, pieceBytes, options.infoBytes)
  }

  seed(options: Partial<TestHostOptions> = {}): TestHost {
    return this.host({ verified: 'all', ...options })
  }

  leech(options: Partial<TestHostOptions> = {}): TestHost {
    return this.host(options)
  }

  host(options: Partial<TestHostOptions>): TestHost {
    const host = new TestHost(this.network, this.torrent, { number: this.hosts.length + 1, ...options })
    this.hosts.push(host)
    return host
  }

  /** A peer that says that it has everything, unchokes everybody, and answers requests as the script says: honestly unless it says otherwise. */
  scriptedSeed(
    options: { readonly number?: number; readonly supportsFast?: boolean; readonly supportsV2?: boolean; readonly host?: string } = {},
    script: ScriptedAnswers = {},
  ): ScriptedPeer {
    const number = options.number ?? ++this.#scripted
    const peer: ScriptedPeer = new ScriptedPeer(
      this.network,
      this.torrent,
      { ...options, number },
      (link) => {
        if (script.pieces === undefined && link.peer.supportsFast) link.haveAll()
        else link.bitfield(fieldOf(this.torrent.pieceCount, script.pieces).bytes)
        if (script.onParts !== undefined) link.extensionHandshake({ extensions: OWN_EXTENSION_IDS })
        if (script.staysChoked !== true) link.unchoke()
      },
      {
        onRequest: (piece, begin, length) => (script.answer ?? this.serve)(peer, piece, begin, length),
        onHashMessage: (message) => script.onHashes?.(peer, message),
        onPartQuestion: (question) => script.onParts?.(peer, question),
      },
    )
    return peer
  }

  /** Scripted seeds that answer so many requests each, and none after that. */
  silentSeeds(count: number, answers: number): ScriptedPeer[] {
    return Array.from({ length: count }, () => {
      let answered = 0
      const answer: ScriptedAnswers['answer'] = (self, piece, begin, length) => {
        if (++answered <= answers) this.serve(self, piece, begin, length)
      }
      return this.scriptedSeed({}, { answer })
    })
  }

  /** A peer that says what `onJoin` says when somebody connects, and answers nothing. */
  scriptedPeer(onJoin: (link: ScriptedPeer['link'], peer: ScriptedPeer) => void): ScriptedPeer {
    return new ScriptedPeer(this.network, this.torrent, { number: ++this.#scripted }, onJoin)
  }

  /** Answers a request with the right bytes. */
  readonly serve: (peer: ScriptedPeer, piece: number, begin: number, length: number) => void = (
    peer: ScriptedPeer,
    piece: number,
    begin: number,
    length: number,
  ): void => {
    peer.link.sendBlock(piece, begin, length, this.torrent.bytesOf(piece).slice(begin, begin + length))
  }

  /** The sums of the parts that a question names, of what a piece has, or of what `bytesOf` says it has. */
  partSums({ piece, blocks }: PartQuestion, bytesOf = (one: number): Uint8Array => this.torrent.bytesOf(one)): Uint8Array {
    return Buffer.concat(
      blocks.map((block) => {
        const bytes = bytesOf(piece).subarray(block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES)
        const sums = new Uint8Array(partSumsBytes(bytes.length))
        writePartSums(bytes, sums, 0)
        return sums
      }),
    )
  }

  /** Lets everybody know everybody. */
  introduceAll(): void {
    for (const host of this.hosts) host.meets(...this.hosts.filter((other) => other !== host))
  }

  /** Waits until all of `hosts` have everything, `limitMs` of the world's time at most. */
  async completes(hosts: readonly TestHost[], limitMs = 60_000): Promise<boolean> {
    return await this.clock.until(() => hosts.every((host) => host.isComplete), limitMs)
  }

  /** Everybody leaves; returns what was left behind, in words. */
  async leftBehind(): Promise<string[]> {
    for (const host of this.hosts) host.swarm.stop()
    await this.clock.advance(60_000)
    const found: string[] = []
    for (const { store, address } of this.hosts) {
      if (store.freeSlots !== store.slotCount) found.push(`${address.host} keeps ${store.slotCount - store.freeSlots} slots`)
    }
    for (const { near, far } of this.network.connections) if (!near.isClosed || !far.isClosed) found.push('an open connection')
    if (this.clock.pending > 0) found.push(`${this.clock.pending} timers`)
    return found
  }
}

function fieldOf(pieceCount: number, pieces: readonly number[] | undefined): Bitfield {
  const field = new Bitfield(pieceCount)
  if (pieces === undefined) field.fill()
  for (const piece of pieces ?? []) field.add(piece)
  return field
}
