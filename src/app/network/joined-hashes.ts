import { equalBytes } from '../../base/bytes.ts'
import { shortInfoHash } from '../../torrent/info-hash.ts'
import type { Dialer, OwnHandshake } from '../../wire/link.ts'

/**
 * The info-hashes under which one torrent is joined, with a swarm behind each: a hybrid has two, and the second may become known only with
 * its metadata (BEP 52). Nothing else in a swarm depends on them: who is connected under both is one peer.
 */
export class JoinedHashes {
  readonly #own: Pick<OwnHandshake, 'peerId' | 'supportsDht'>
  #infoHash: Uint8Array
  #infoHashV2: Uint8Array | undefined

  /** `infoHash` has 20 bytes, `infoHashV2` 32 where it is known; for v2 only `infoHash` is the first 20 of them. */
  constructor(
    { infoHash, infoHashV2 }: { readonly infoHash: Uint8Array; readonly infoHashV2?: Uint8Array | undefined },
    own: Pick<OwnHandshake, 'peerId' | 'supportsDht'>,
  ) {
    this.#infoHash = infoHash
    this.#infoHashV2 = infoHashV2
    this.#own = own
  }

  /** 20 bytes each, that of v1 first. */
  get all(): readonly [Uint8Array, ...Uint8Array[]] {
    const short = this.#infoHashV2 === undefined ? this.#infoHash : shortInfoHash(this.#infoHashV2)
    return equalBytes(short, this.#infoHash) ? [this.#infoHash] : [this.#infoHash, short]
  }

  /** The metadata says all info-hashes. Returns those that are new, 20 bytes each. */
  learn(infoHash: Uint8Array, infoHashV2: Uint8Array | undefined): readonly Uint8Array[] {
    const before = this.all
    this.#infoHash = infoHash
    this.#infoHashV2 = infoHashV2
    return this.all.filter((each) => !before.some((known) => equalBytes(known, each)))
  }

  /** What we say to somebody who asks for `infoHash`; undefined where that is another torrent. */
  answerTo(infoHash: Uint8Array): OwnHandshake | undefined {
    return this.#handshakes().find((own) => own !== undefined && equalBytes(own.infoHash, infoHash))
  }

  /**
   * A dialer that dials under the first info-hash and offers v2 with it. A peer that hangs up may know the torrent by the other one alone,
   * and one that answers with neither means another v2 half, or cannot name one yet: both are dialled once more, as they would have it.
   */
  dialer(dialer: Dialer): Dialer {
    return {
      dial: (address, _own, done) => {
        const [first, second] = this.#handshakes()
        let dial = dialer.dial(address, first, (outcome) => {
          if (second === undefined || 'link' in outcome || outcome.isTurnedAway !== true) done(outcome)
          else dial = dialer.dial(address, outcome.spokeBitTorrent ? { ...first, infoHashV2: undefined } : second, done)
        })
        return { cancel: () => dial.cancel() }
      },
    }
  }

  #handshakes(): readonly [OwnHandshake, OwnHandshake?] {
    const [first, second] = this.all
    return second === undefined ? [this.#handshake(first)] : [this.#handshake(first), this.#handshake(second)]
  }

  #handshake(infoHash: Uint8Array): OwnHandshake {
    return { ...this.#own, infoHash, infoHashV2: this.#infoHashV2 }
  }
}
