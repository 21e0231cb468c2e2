import { formatAddress, type PeerAddress, type PeerOrigin } from '../base/address.ts'
import { LIMITS } from './limits.ts'

/** What is known of one address. */
export interface KnownAddress {
  readonly address: PeerAddress
  readonly origin: PeerOrigin
  /** Higher ones are dialled first (BEP 40). */
  readonly priority: number
  /** Somebody spoke BitTorrent there once. */
  hasSpoken: boolean
  failures: number
  notBeforeMs: number
  isConnected: boolean
  isDialling: boolean
  /** Our own address, or a peer that we never want again. */
  isRefused: boolean
  isSeed: boolean
}

/** Origins that a person vouches for: they are tried again and again, the others are not. */
const TRUSTED: ReadonlySet<PeerOrigin> = new Set(['static', 'magnet', 'lsd', 'incoming'])
const LONGEST_PAUSE_MS = 60_000
const TRUSTED_PAUSE_MS = 5_000
/** After the first failure at a stranger's address, and after every later one. */
const STRANGER_RETRY_MS = 10_000
const STRANGER_PAUSE_MS = 60 * 60_000

/**
 * The addresses where peers may be, and when each may be dialled again. Addresses that strangers gave us and where nobody
 * ever spoke BitTorrent are tried twice an hour at most: nobody can make us knock at a victim's door.
 */
export class AddressBook {
  readonly #known = new Map<string, KnownAddress>()
  readonly #priority: (address: PeerAddress) => number

  constructor(priority: (address: PeerAddress) => number) {
    this.#priority = priority
  }

  get size(): number {
    return this.#known.size
  }

  get(address: PeerAddress): KnownAddress | undefined {
    return this.#known.get(formatAddress(address))
  }

  /** Remembers an address; when the book is full a stranger's that failed makes room, or the new one is left out. */
  add(address: PeerAddress, origin: PeerOrigin): KnownAddress | undefined {
    const key = formatAddress(address)
    const existing = this.#known.get(key)
    if (existing !== undefined) return existing
    if (this.#known.size >= LIMITS.knownAddresses && !this.#makeRoom()) return undefined
    const known: KnownAddress = {
      address,
      origin,
      priority: this.#priority(address),
      hasSpoken: false,
      failures: 0,
      notBeforeMs: 0,
      isConnected: false,
      isDialling: false,
      isRefused: false,
      isSeed: false,
    }
    this.#known.set(key, known)
    return known
  }

  /** Up to `count` addresses to dial now, the best first; seeds only if `wantsSeeds`. */
  due(nowMs: number, count: number, wantsSeeds: boolean): KnownAddress[] {
    if (count <= 0) return []
    const candidates: KnownAddress[] = []
    for (const known of this.#known.values()) {
      if (known.isConnected || known.isDialling || known.isRefused || known.notBeforeMs > nowMs) continue
      if (known.isSeed && !wantsSeeds) continue
      candidates.push(known)
    }
    return candidates.sort((first, second) => first.failures - second.failures || second.priority - first.priority).slice(0, count)
  }

  /** A dial failed, or a connection ended: sets when the address may be tried again. */
  onFailure(known: KnownAddress, nowMs: number): void {
    known.failures++
    const isTrusted = TRUSTED.has(known.origin) || known.hasSpoken
    const pauseMs = Math.min(500 * 2 ** (known.failures - 1), TRUSTED.has(known.origin) ? TRUSTED_PAUSE_MS : LONGEST_PAUSE_MS)
    const strangerPauseMs = known.failures === 1 ? STRANGER_RETRY_MS : STRANGER_PAUSE_MS
    known.notBeforeMs = nowMs + (isTrusted ? pauseMs : strangerPauseMs)
  }

  #makeRoom(): boolean {
    for (const [key, known] of this.#known) {
      if (known.isConnected || known.isDialling || TRUSTED.has(known.origin) || known.failures === 0) continue
      this.#known.delete(key)
      return true
    }
    return false
  }
}
