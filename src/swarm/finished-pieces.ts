import type { DistroError } from '../base/errors.ts'
import { MERKLE_HASH_BYTES } from '../torrent/merkle-tree.ts'
import type { ActivePiece, ActivePieces } from './active-pieces.ts'
import type { PieceLayout } from './piece-layout.ts'
import type { PiecePicker } from './piece-picker.ts'
import type { CommitResult, PieceStore } from './piece-store.ts'
import type { Suspicion } from './suspicion.ts'
import type { ZoneBorder } from './zone-border.ts'

/** What comes of finished pieces, as far as others want to know. */
export interface PieceEvents {
  onPiece(piece: number): void
  onCorruptPiece(piece: number): void
  /** `culprit` sent bad data, for certain. */
  onGuilty(culprit: string, piece: number): void
  /** `piece` is wrong, and whoever sent the bad block is one of several. */
  onDoubt(piece: number): void
  onFailed(error: DistroError): void
}

/** What finished pieces go through. */
export interface FinishedPiecesParts {
  readonly layout: PieceLayout
  readonly store: PieceStore
  readonly picker: PiecePicker
  readonly active: ActivePieces
  readonly suspicion: Suspicion
  readonly border: ZoneBorder | undefined
  readonly events: PieceEvents
}

/** Hands pieces of which every block is here to the store, and sees to what follows from its verdict. */
export class FinishedPieces {
  readonly #parts: FinishedPiecesParts
  /** How many are not stored yet of those that are to be fetched. */
  #missing: number
  #corrupt = 0
  #corruptBytes = 0
  #webSeedBytes = 0
  #earlierBytes = 0

  constructor(parts: FinishedPiecesParts, missing: number) {
    this.#parts = parts
    this.#missing = missing
  }

  /** True when every wanted piece is stored. */
  get isComplete(): boolean {
    return this.#missing === 0
  }

  /** How many are not stored yet. */
  get missing(): number {
    return this.#missing
  }

  /** How many were wrong. */
  get corrupt(): number {
    return this.#corrupt
  }

  /** Bytes of those that sources sent. */
  get corruptBytes(): number {
    return this.#corruptBytes
  }

  /** Bytes that web seeds sent of those that were right. */
  get webSeedBytes(): number {
    return this.#webSeedBytes
  }

  /** Bytes that this host had elsewhere of those that were right. */
  get earlierBytes(): number {
    return this.#earlierBytes
  }

  /** `active` is whole. `done` is called when its slot is free; `isWrong` says that it has to be fetched again. */
  commit(active: ActivePiece, done: (isWrong: boolean) => void): void {
    const { layout, store, suspicion, border } = this.#parts
    const { piece, slot, webSeedBytes, earlierBytes } = active
    this.#parts.active.delete(active)
    border?.onWhole(active)
    if (active.driver !== undefined) {
      active.driver.driving = undefined
      active.driver = undefined
    }
    const senders = suspicion.sendersOf(active)
    store.commit(slot, piece, suspicion.hasFailed(piece), (result) => {
      if (result.kind === 'stored') {
        this.#webSeedBytes += webSeedBytes
        this.#earlierBytes += earlierBytes
      } else if (earlierBytes > 0) store.earlier?.forget(piece)
      if (result.kind === 'corrupt') this.#corruptBytes += layout.pieceBytes(piece) - earlierBytes
      this.#judge(piece, senders, result)
      done(result.kind === 'corrupt')
    })
  }

  /** The hashes of the blocks of a wrong piece are known (BEP 52): whoever sent one that differs is to blame. */
  onLeaves(piece: number, leaves: Uint8Array): void {
    const { suspicion, events } = this.#parts
    for (const culprit of suspicion.onRight(piece, leaves, MERKLE_HASH_BYTES)) events.onGuilty(culprit, piece)
  }

  #judge(piece: number, senders: readonly string[], result: CommitResult): void {
    const { picker, suspicion, events } = this.#parts
    if (result.kind === 'failed') {
      events.onFailed(result.error)
    } else if (result.kind === 'corrupt') {
      this.#corrupt++
      picker.add(piece)
      events.onCorruptPiece(piece)
      for (const culprit of suspicion.onCorrupt(piece, senders, result.blockDigests)) events.onGuilty(culprit, piece)
      if (suspicion.hasFailed(piece)) events.onDoubt(piece)
    } else {
      const digestBytes = (result.blockDigests?.length ?? 0) / senders.length
      for (const culprit of suspicion.onRight(piece, result.blockDigests, digestBytes)) events.onGuilty(culprit, piece)
      this.#missing--
      events.onPiece(piece)
    }
  }
}
