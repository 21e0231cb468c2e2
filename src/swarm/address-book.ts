import { formatAddress, type PeerAddress, type PeerOrigin } from '../base/address.ts'
import { LIMITS } from './limits.ts'
import type { ZoneRelation } from './zone.ts'

/** Whether whoever listens at an address counts copies, and has heard of ours. */
export type CopyUse = 'unknown' | 'ignores' | 'counts' | 'heard'

/** What is known of one address. */
export interface KnownAddress {
  readonly address: PeerAddress
  /** The best of those who told us of it. */
  origin: PeerOrigin
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
  /** When it left it had all that it wants. */
  isUploadOnly: boolean
  /** The zone of whoever spoke there last; it outlives the connection. */
  zoneRelation: ZoneRelation
  copyUse: CopyUse
  /** The last dial led to somebody, or it was never dialled. */
  mayAnswer: boolean
}

/** Whom to dial. */
export interface DialWishes {
  readonly wantsSeeds: boolean
  /** Those that count copies are wanted all the same. */
  readonly wantsCounters?: boolean
  /** False leaves out addresses of other zones, but for those that a person named. */
  readonly wantsAcross: boolean
  /** Of `count`, places that are not for addresses of our own zone. */
  readonly reserved: number
}

/** Origins that a person or the local network vouches for, the best first: they are tried again and again, the others are not. */
const TRUSTED: readonly PeerOrigin[] = ['static', 'magnet', 'lsd']
const NEAREST: readonly ZoneRelation[] = ['same', 'unknown', 'other']
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

  /** Addresses that are not connected. */
  get waiting(): number {
    let count = 0
    for (const { isConnected } of this.#known.values()) if (!isConnected) count++
    return count
  }

  get(address: PeerAddress): KnownAddress | undefined {
    return this.#known.get(formatAddress(address))
  }

  /**
   * Remembers an address, or that somebody better vouches for one that is known. When the book is full a stranger's that failed
   * makes room, or any stranger's for one that is vouched for; else the new one is left out.
   */
  add(address: PeerAddress, origin: PeerOrigin): KnownAddress | undefined {
    const key = formatAddress(address)
    const existing = this.#known.get(key)
    if (existing !== undefined) {
      if (rankOf(origin) < rankOf(existing.origin)) vouchFor(existing, origin)
      return existing
    }
    if (this.#known.size >= LIMITS.knownAddresses && !this.#makeRoom(isTrusted(origin))) return undefined
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
      isUploadOnly: false,
      zoneRelation: 'unknown',
      copyUse: 'unknown',
      mayAnswer: true,
    }
    this.#known.set(key, known)
    return known
  }

  /** Up to `count` addresses to dial now, the best first: those of our own zone, then those whose zone is not known. */
  due(nowMs: number, count: number, { wantsSeeds, wantsCounters = false, wantsAcross, reserved }: DialWishes): KnownAddress[] {
    if (count <= 0) return []
    const candidates: KnownAddress[] = []
    for (const known of this.#known.values()) {
      if (known.isConnected || known.isDialling || known.isRefused || known.notBeforeMs > nowMs) continue
      if (known.isUploadOnly && !wantsSeeds && !(wantsCounters && known.copyUse === 'counts')) continue
      if (known.zoneRelation === 'other' && !wantsAcross && !isNamed(known.origin)) continue
      candidates.push(known)
    }
    candidates.sort(
      (first, second) =>
        first.failures - second.failures ||
        NEAREST.indexOf(first.zoneRelation) - NEAREST.indexOf(second.zoneRelation) ||
        second.priority - first.priority,
    )
    if (reserved === 0) return candidates.slice(0, count)
    let own = Math.max(0, count - reserved)
    return candidates.filter(({ zoneRelation }) => zoneRelation !== 'same' || own-- > 0).slice(0, count)
  }

  /**
   * The addresses that a person named, at which somebody may want to hear of our copy and can be reached. Once somebody has heard of it, only
   * those who are known to count: a host has many addresses, and few of them answer.
   */
  listeners(): KnownAddress[] {
    const named = [...this.#known.values()].filter(({ origin, isRefused }) => isNamed(origin) && !isRefused)
    const hasHeard = named.some(({ copyUse }) => copyUse === 'heard')
    return named.filter(({ copyUse, mayAnswer }) => mayAnswer && (copyUse === 'counts' || (copyUse === 'unknown' && !hasHeard)))
  }

  /** A dial failed, or a connection ended: sets when the address may be tried again. */
  onFailure(known: KnownAddress, nowMs: number): void {
    known.failures++
    const pauseMs = Math.min(500 * 2 ** (known.failures - 1), isTrusted(known.origin) ? TRUSTED_PAUSE_MS : LONGEST_PAUSE_MS)
    const strangerPauseMs = known.failures === 1 ? STRANGER_RETRY_MS : STRANGER_PAUSE_MS
    known.notBeforeMs = nowMs + (isTrusted(known.origin) || known.hasSpoken ? pauseMs : strangerPauseMs)
  }

  #makeRoom(isForTrusted: boolean): boolean {
    let leaving: string | undefined
    for (const [key, known] of this.#known) {
      if (known.isConnected || known.isDialling || isTrusted(known.origin)) continue
      if (known.failures > 0) {
        leaving = key
        break
      }
      if (isForTrusted) leaving ??= key
    }
    return leaving !== undefined && this.#known.delete(leaving)
  }
}

/** True if a person named the address. */
export function isNamed(origin: PeerOrigin): boolean {
  return origin === 'static' || origin === 'magnet'
}

function isTrusted(origin: PeerOrigin): boolean {
  return TRUSTED.includes(origin)
}

/** 0 is the best. */
function rankOf(origin: PeerOrigin): number {
  return isTrusted(origin) ? TRUSTED.indexOf(origin) : TRUSTED.length
}

/** What strangers' words cost the address is forgotten: it may be dialled at once. */
function vouchFor(known: KnownAddress, origin: PeerOrigin): void {
  known.origin = origin
  known.failures = 0
  known.notBeforeMs = 0
}
