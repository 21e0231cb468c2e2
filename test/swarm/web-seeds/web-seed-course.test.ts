import { describe, expect, it } from 'vitest'
import { WebSeedClaims } from '../../../src/swarm/web-seeds/web-seed-claims.ts'
import { type UnknownPieces, WebSeedCourse } from '../../../src/swarm/web-seeds/web-seed-course.ts'
import { SeededRandom } from '../../support/seeded-random.ts'

const PIECES = 1_024
const STRETCH = 32

/** The pieces that one host may begin: those that nobody is known to have. */
class Unknown implements UnknownPieces {
  /** What the web seed does not have. */
  readonly lacks = new Set<number>()
  readonly pieces = new Set(Array.from({ length: PIECES }, (_, piece) => piece))
  readonly #random: SeededRandom

  constructor(seed: number) {
    this.#random = new SeededRandom(seed)
  }

  anyUnknown(): number {
    return this.pieces.size === 0 ? -1 : ([...this.pieces][this.#random.below(this.pieces.size)] ?? -1)
  }

  isUnknown(piece: number): boolean {
    return this.pieces.has(piece) && !this.lacks.has(piece)
  }
}

class Host {
  readonly unknown: Unknown
  readonly claims = new WebSeedClaims(PIECES)
  readonly course: WebSeedCourse

  constructor(seed: number) {
    this.unknown = new Unknown(1_000 + seed)
    this.course = new WebSeedCourse(this.unknown, this.claims, new SeededRandom(seed))
  }

  /** Begins the next piece; -1 if there is none. */
  fetch(nowMs: number): number {
    const piece = this.course.next(nowMs)
    if (piece < 0) return piece
    this.unknown.pieces.delete(piece)
    this.course.onBegin(piece, nowMs)
    return piece
  }

  hear(piece: number, nowMs: number): void {
    if (!this.unknown.pieces.delete(piece)) return
    this.claims.onHeard(piece, nowMs)
    this.course.onHeard(piece)
  }
}

describe('WebSeedClaims', () => {
  it('cuts the content into stretches of which there are 32 at least', () => {
    const sizes = [1_024, 4_000, 640, 33, 5].map((count) => [...new WebSeedClaims(count).stretch(0)].length)
    expect(sizes).toEqual([32, 32, 20, 1, 1])
    expect([...new WebSeedClaims(1_030).stretch(1_029)]).toEqual([1_024, 1_025, 1_026, 1_027, 1_028, 1_029])
  })

  it('takes a stretch of which something was just heard for taken', () => {
    const claims = new WebSeedClaims(PIECES)
    expect(claims.isFree(40, 0)).toBe(true)
    claims.onHeard(33, 0)
    expect([claims.isFree(40, 500), claims.isFree(31, 500), claims.areTogether(33, 40), claims.areTogether(33, 31)]).toEqual([
      false,
      true,
      true,
      false,
    ])
  })

  it('gives it back when nothing of it is heard while others are, or when nothing is heard at all', () => {
    const claims = new WebSeedClaims(PIECES)
    claims.onHeard(33, 0)
    for (let piece = 500; piece < 516; piece++) claims.onHeard(piece, 900)
    expect(claims.isFree(33, 1_200)).toBe(false)
    claims.onHeard(600, 1_200)
    expect(claims.isFree(33, 1_200)).toBe(true)
    const silent = new WebSeedClaims(PIECES)
    silent.onHeard(33, 0)
    expect([silent.isFree(33, 1_000), silent.isFree(33, 1_001)]).toEqual([false, true])
  })
})

describe('WebSeedCourse', () => {
  it('fetches one stretch to its end after the other, in no order, and everything once', () => {
    const host = new Host(1)
    const order = Array.from({ length: PIECES }, (_, step) => host.fetch(step))
    expect(new Set(order).size).toBe(PIECES)
    for (let at = 0; at < PIECES; at += STRETCH) {
      const stretch = order.slice(at, at + STRETCH)
      expect(new Set(stretch.map((piece) => Math.floor(piece / STRETCH))).size).toBe(1)
      expect(stretch.toSorted((one, other) => one - other)).not.toEqual(stretch)
    }
    expect(host.fetch(PIECES)).toBe(-1)
  })

  it('stays in its stretch, and goes on to others, where the web seed lacks a part', () => {
    const host = new Host(4)
    const first = host.fetch(0)
    const stretch = Math.floor(first / STRETCH)
    const lacking = host.course.next(1)
    for (const piece of [lacking, ...Array.from({ length: 20 * STRETCH }, (_, at) => at)]) host.unknown.lacks.add(piece)
    const order = Array.from({ length: PIECES }, (_, step) => host.fetch(2 + step)).filter((piece) => piece >= 0)
    expect(order.some((piece) => host.unknown.lacks.has(piece))).toBe(false)
    const here = Array.from({ length: STRETCH }, (_, at) => stretch * STRETCH + at)
    const given = here.filter((piece) => piece !== first && !host.unknown.lacks.has(piece))
    expect(order.slice(0, given.length).toSorted((one, other) => one - other)).toEqual(given)
    expect(order.length).toBeGreaterThanOrEqual(11 * STRETCH)
  })

  it('names the same piece until it is begun or heard of', () => {
    const host = new Host(2)
    const piece = host.course.next(0)
    expect(host.course.next(1)).toBe(piece)
    host.hear(piece, 2)
    expect(host.course.next(3)).not.toBe(piece)
  })

  it('begins nothing while others are at everything that is left', () => {
    const host = new Host(3)
    for (let piece = 1; piece < PIECES; piece += STRETCH) host.hear(piece, 100)
    expect(host.course.next(200)).toBe(-1)
    expect(host.course.next(1_200)).toBeGreaterThanOrEqual(0)
  })

  it('keeps eight hosts that hear of each other late from fetching much twice', () => {
    const hosts = Array.from({ length: 8 }, (_, seed) => new Host(seed + 10))
    // Each fetches five pieces a second, and what one brought is heard half a second later.
    const news: { readonly piece: number; readonly atMs: number; readonly from: Host }[] = []
    const out = new Set<number>()
    let fetched = 0
    for (let nowMs = 0; out.size < PIECES; nowMs += 25) {
      while (news[0] !== undefined && news[0].atMs <= nowMs) {
        const { piece, from } = news.shift() ?? { piece: 0, from: undefined }
        for (const host of hosts) if (host !== from) host.hear(piece, nowMs)
      }
      const from = hosts[(nowMs / 25) % hosts.length] as Host
      const piece = from.fetch(nowMs)
      if (piece < 0) continue
      fetched++
      out.add(piece)
      news.push({ piece, atMs: nowMs + 500, from })
    }
    // Drawn at random, without stretches, it would be 1.07 to 1.08 copies.
    expect(fetched / PIECES).toBeLessThan(1.05)
  })
})
