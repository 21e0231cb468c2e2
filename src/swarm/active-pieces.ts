/** Where one block of a piece stands. */
export const BlockState = { missing: 0, requested: 1, arriving: 2, here: 3 } as const

/** A peer as a piece knows it: somebody who gathers one piece at a time. */
export interface Gatherer {
  readonly number: number
  driving: ActivePiece | undefined
}

/** What of a block is asked of others: this host had the rest. */
interface Gap {
  /** Where in the block it begins. */
  readonly begin: number
  /** 0 if this host had all of it. */
  readonly lengthBytes: number
}

/** A piece that is being gathered in a slot of the store. */
export class ActivePiece {
  readonly piece: number
  readonly slot: number
  readonly lengthBytes: number
  /** Of every block but the last one, which may be shorter. */
  readonly blockLengthBytes: number
  readonly blockCount: number
  /** One `BlockState` a block. */
  readonly states: Uint8Array
  /** Number of the peer that is asked for each block at this moment; 0 for nobody. */
  readonly asked: Uint32Array
  /** Number of the peer that sent, sends, or was last asked for each block; 0 before. */
  readonly senders: Uint32Array
  /** The peer that gathers this piece; the others help only when they have nothing else to do. */
  driver: Gatherer | undefined
  /** After a failed attempt: the one peer from which the piece comes this time, so that the guilt is clear. */
  onlyFrom: Gatherer | undefined
  missingBlocks: number
  blocksHere = 0
  /** Of the blocks that are here, the bytes of those that web seeds sent. */
  webSeedBytes = 0
  /** Of the blocks that are here, the bytes that this host had elsewhere. */
  earlierBytes = 0
  #firstMissing = 0
  /** By block; made for the first one, since most pieces come from others alone. */
  #gaps: Map<number, Gap> | undefined

  constructor(piece: number, slot: number, lengthBytes: number, blockLengthBytes: number) {
    this.piece = piece
    this.slot = slot
    this.lengthBytes = lengthBytes
    this.blockLengthBytes = blockLengthBytes
    this.blockCount = Math.ceil(lengthBytes / blockLengthBytes)
    this.missingBlocks = this.blockCount
    this.states = new Uint8Array(this.blockCount)
    this.asked = new Uint32Array(this.blockCount)
    this.senders = new Uint32Array(this.blockCount)
  }

  get isWhole(): boolean {
    return this.blocksHere === this.blockCount
  }

  /** True while no block of it is asked for or arriving. */
  get isIdle(): boolean {
    return this.blocksHere + this.missingBlocks === this.blockCount
  }

  /** True while bytes of it are coming. */
  get isArriving(): boolean {
    return this.states.includes(BlockState.arriving)
  }

  /** Of all blocks that are here. */
  get bytesHere(): number {
    const isLastHere = this.states[this.blockCount - 1] === BlockState.here
    const missingInLast = this.blockCount * this.blockLengthBytes - this.lengthBytes
    return this.blocksHere * this.blockLengthBytes - (isLastHere ? missingInLast : 0)
  }

  /** Where what is asked for of `block` begins in the piece. */
  begin(block: number): number {
    return block * this.blockLengthBytes + (this.#gaps?.get(block)?.begin ?? 0)
  }

  /** How much is asked for of `block`: all of it, unless it was narrowed. */
  bytes(block: number): number {
    return this.#gaps?.get(block)?.lengthBytes ?? this.wholeBytes(block)
  }

  /** Length of `block`. */
  wholeBytes(block: number): number {
    return Math.min(this.blockLengthBytes, this.lengthBytes - block * this.blockLengthBytes)
  }

  /** True if the `length` bytes from `begin` on are what is asked for of one of its blocks, no more and no less. */
  isBlock(begin: number, length: number): boolean {
    const block = Math.floor(begin / this.blockLengthBytes)
    return block < this.blockCount && begin === this.begin(block) && length === this.bytes(block)
  }

  /** This host had `block`, which nobody is asked for, but for `lengthBytes` of it from `begin` on. */
  narrow(block: number, begin: number, lengthBytes: number): void {
    this.#gaps ??= new Map()
    this.#gaps.set(block, { begin, lengthBytes })
  }

  /** True if some of `block` is from this host. */
  isNarrowed(block: number): boolean {
    return this.#gaps?.has(block) === true
  }

  /** The first block that nobody was asked for; there must be one. */
  firstMissing(): number {
    while (this.states[this.#firstMissing] !== BlockState.missing) this.#firstMissing++
    return this.#firstMissing
  }

  /** A peer was asked for `block`, which is missing. */
  ask(block: number, peerNumber: number): void {
    this.states[block] = BlockState.requested
    this.missingBlocks--
    this.asked[block] = peerNumber
    this.senders[block] = peerNumber
  }

  /** Nobody is asked for `block` any more; true if it has to be asked for again. */
  unask(block: number): boolean {
    this.asked[block] = 0
    if (this.states[block] !== BlockState.requested) return false
    this.#miss(block)
    return true
  }

  /** The bytes of `block` begin to come from a peer. */
  arrive(block: number, peerNumber: number): void {
    if (this.states[block] === BlockState.missing) this.missingBlocks--
    this.states[block] = BlockState.arriving
    this.senders[block] = peerNumber
  }

  /** The peer that was sending `block` is gone in the middle of it. */
  breakOff(block: number): void {
    if (this.states[block] !== BlockState.arriving) return
    if (this.asked[block] === 0) this.#miss(block)
    else this.states[block] = BlockState.requested
  }

  /** All bytes of `block` are here. */
  finish(block: number): void {
    this.states[block] = BlockState.here
    this.blocksHere++
    if (this.#gaps !== undefined) this.earlierBytes += this.wholeBytes(block) - this.bytes(block)
  }

  #miss(block: number): void {
    this.states[block] = BlockState.missing
    this.missingBlocks++
    if (block < this.#firstMissing) this.#firstMissing = block
  }
}

/** The pieces being gathered, by index and as a list. */
export class ActivePieces {
  readonly #byPiece = new Map<number, ActivePiece>()

  get size(): number {
    return this.#byPiece.size
  }

  get(piece: number): ActivePiece | undefined {
    return this.#byPiece.get(piece)
  }

  add(active: ActivePiece): void {
    this.#byPiece.set(active.piece, active)
  }

  delete(active: ActivePiece): void {
    this.#byPiece.delete(active.piece)
  }

  /** The piece that nobody gathers and nobody is asked for; of several, the one that has the least. */
  idle(): ActivePiece | undefined {
    let found: ActivePiece | undefined
    for (const active of this.#byPiece.values()) {
      if (active.driver !== undefined || !active.isIdle) continue
      if (found === undefined || active.blocksHere < found.blocksHere) found = active
    }
    return found
  }

  /** All of them, the one begun first at the front. */
  values(): IterableIterator<ActivePiece> {
    return this.#byPiece.values()
  }
}
