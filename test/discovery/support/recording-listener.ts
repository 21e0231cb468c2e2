import { formatAddress, type PeerAddress } from '../../../src/base/address.ts'
import type { PeerSourceListener } from '../../../src/discovery/peer-source.ts'

/** Remembers what a peer source told, and can be waited on. */
export class RecordingListener implements PeerSourceListener {
  readonly peers: string[] = []
  readonly warnings: string[] = []
  announced = 0
  readonly #waiting = new Set<() => void>()

  onPeers(addresses: readonly PeerAddress[]): void {
    this.peers.push(...addresses.map(formatAddress))
    this.#wake()
  }

  onAnnounced(): void {
    this.announced++
    this.#wake()
  }

  onWarning(sentence: string): void {
    this.warnings.push(sentence)
    this.#wake()
  }

  /** Resolves once `isTrue` of what was told so far; the test's own time-out bounds it. */
  until(isTrue: (listener: this) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!isTrue(this)) return
        this.#waiting.delete(check)
        resolve()
      }
      this.#waiting.add(check)
      check()
    })
  }

  #wake(): void {
    for (const check of [...this.#waiting]) check()
  }
}
