import { formatAddress, type PeerAddress, type PeerOrigin } from '../../base/address.ts'
import { firstOf } from '../../base/first-of.ts'
import type { Dialer, DialOutcome } from '../../wire/link.ts'

/** Peers that a sentence names. */
const NAMED = 3
/** Names are resolved again and again, and may lead elsewhere each time. */
const MOST_WATCHED = 1_000

/**
 * Watches the dials to the peers that a person named, on the command line or in a magnet, so that the person hears of one that
 * cannot be reached: of a typed one at once, of those of a magnet once there is nobody else, of all of them when nobody was found.
 */
export class NamedPeers {
  readonly #reasons = new Map<string, string>()
  /** For each address that was typed, all those of the same name: one of them that answers is enough. */
  readonly #typed = new Map<string, readonly string[]>()
  readonly #failed = new Set<string>()
  /** Addresses that were told of, or that answered. */
  readonly #settled = new Set<string>()
  readonly #isAlone: () => boolean
  #hasDespaired = false
  /** Of each address that answered, why it did not when it was last dialled; undefined while it does. */
  readonly #answered = new Map<string, string | undefined>()
  #tellsOfLoss = false
  #hasToldOfLoss = false
  readonly #warn: (sentence: string) => void

  /** `isAlone` tells whether nobody is connected and nobody else is looked for. */
  constructor(warn: (sentence: string) => void, isAlone: () => boolean) {
    this.#warn = warn
    this.#isAlone = isAlone
  }

  /** A source told of `addresses`, in one call those of one name; only those that a person named count. */
  note(addresses: readonly PeerAddress[], origin: PeerOrigin): void {
    if ((origin !== 'static' && origin !== 'magnet') || this.#reasons.size >= MOST_WATCHED) return
    const places = addresses.map(formatAddress)
    for (const place of places) {
      if (!this.#reasons.has(place)) this.#reasons.set(place, 'no answer yet')
      if (origin === 'static') this.#typed.set(place, places)
    }
  }

  /** A dialer that dials as `dialer` does. */
  watch(dialer: Dialer): Dialer {
    return {
      dial: (address, own, done) =>
        dialer.dial(address, own, (outcome) => {
          this.#onOutcome(formatAddress(address), outcome)
          done(outcome)
        }),
    }
  }

  /** The named peers, each with why it could not be reached, such as `192.0.2.7:6881 (the connection was refused)`: when nobody was. */
  get unreached(): readonly string[] {
    return [...this.#reasons].map(([address, reason]) => `${address} (${reason})`)
  }

  /** From now on the person hears of it when all those that answered are gone. */
  tellOfLoss(): void {
    this.#tellsOfLoss = true
  }

  /** The named peers that answered, when none of them does any more: `192.0.2.7:6881 (the connection was refused)`; empty otherwise. */
  get lost(): string {
    const gone = [...this.#answered].map(([address, reason]) => (reason === undefined ? undefined : `${address} (${reason})`))
    const named = gone.filter((phrase) => phrase !== undefined)
    if (named.length < gone.length) return ''
    return firstOf(named, NAMED)
  }

  #onOutcome(address: string, outcome: DialOutcome): void {
    if (!this.#reasons.has(address)) return
    if ('link' in outcome) {
      this.#settled.add(address)
      this.#answered.set(address, undefined)
      this.#hasToldOfLoss = false
      return
    }
    const reason = outcome.isSelf === true ? 'it is this very program' : outcome.failure
    this.#reasons.set(address, reason)
    this.#failed.add(address)
    if (!outcome.spokeBitTorrent && outcome.isTurnedAway !== true) this.#noteLoss(address, reason)
    const places = this.#typed.get(address)
    if (places === undefined) {
      this.#despair()
      return
    }
    if (places.some((place) => this.#settled.has(place) || !this.#failed.has(place))) return
    this.#settled.add(address)
    this.#warn(`The peer ${places.join(', ')} cannot be reached: ${reason}${outcome.isSelf === true ? '' : '; it is tried again'}.`)
  }

  #noteLoss(address: string, reason: string): void {
    if (!this.#answered.has(address)) return
    this.#answered.set(address, reason)
    const { lost } = this
    if (!this.#tellsOfLoss || this.#hasToldOfLoss || lost === '') return
    this.#hasToldOfLoss = true
    this.#warn(`Whoever was asked has gone: ${lost}; it is tried again.`)
  }

  /** Many addresses of a magnet may lie elsewhere, so that one of them says nothing yet. */
  #despair(): void {
    const untyped = [...this.#reasons.keys()].filter((place) => !this.#typed.has(place))
    const mayHelp = (place: string): boolean => !this.#failed.has(place) || this.#settled.has(place)
    if (this.#hasDespaired || !this.#isAlone() || untyped.some(mayHelp)) return
    this.#hasDespaired = true
    this.#warn(
      `None of the peers that the magnet names can be reached: ${firstOf(this.unreached, NAMED)}. They are tried again; --timeout says for how long.`,
    )
  }
}
