import { describe, expect, it } from 'vitest'
import { JoinedHashes } from '../../../src/app/network/joined-hashes.ts'
import type { Dialer, DialOutcome, OwnHandshake } from '../../../src/wire/link.ts'

const own = { peerId: new Uint8Array(20).fill(1), supportsDht: true }
const infoHash = new Uint8Array(20).fill(2)
const infoHashV2 = Uint8Array.from({ length: 32 }, (_, index) => index)
const short = infoHashV2.slice(0, 20)
const address = { host: '192.0.2.7', port: 6_881 }

const hungUp: DialOutcome = { failure: 'the peer closed the connection', spokeBitTorrent: false, isTurnedAway: true }
const another: DialOutcome = { failure: 'the peer wants another torrent', spokeBitTorrent: true, isTurnedAway: true }
const refused: DialOutcome = { failure: 'the connection was refused', spokeBitTorrent: false }

/** Dials once; each dial that comes of it ends as the next of `outcomes`, and one beyond them stays under way. */
function dial(hashes: JoinedHashes, outcomes: readonly DialOutcome[]) {
  const dialled: OwnHandshake[] = []
  const ends: ((outcome: DialOutcome) => void)[] = []
  const told: DialOutcome[] = []
  let cancelled = 0
  const dialer: Dialer = {
    dial: (_address, handshake, done) => {
      dialled.push(handshake)
      ends.push(done)
      return { cancel: () => cancelled++ }
    },
  }
  const { cancel } = hashes.dialer(dialer).dial(address, { ...own, infoHash }, (outcome) => told.push(outcome))
  for (const [index, outcome] of outcomes.entries()) ends[index]?.(outcome)
  return { dialled, told, cancel, cancelled: () => cancelled }
}

describe('the info-hashes of a hybrid', () => {
  const hybrid = () => new JoinedHashes({ infoHash, infoHashV2 }, own)

  it('are answered to by the one that was asked for, and any other by nothing', () => {
    expect(hybrid().answerTo(infoHash)).toEqual({ ...own, infoHash, infoHashV2 })
    expect(hybrid().answerTo(short)).toEqual({ ...own, infoHash: short, infoHashV2 })
    expect(hybrid().answerTo(new Uint8Array(20))).toBeUndefined()
  })

  it('are dialled as v1 with an offer of v2, and nobody is dialled twice who cannot be reached or answered', () => {
    const { dialled, told } = dial(hybrid(), [refused])
    expect(dialled).toEqual([{ ...own, infoHash, infoHashV2 }])
    expect(told).toEqual([refused])
  })

  it('are dialled as v2 where the peer hangs up on v1', () => {
    const { dialled, told } = dial(hybrid(), [hungUp, hungUp])
    expect(dialled.slice(1)).toEqual([{ ...own, infoHash: short, infoHashV2 }])
    expect(told).toEqual([hungUp])
  })

  it('are dialled as v1 without the offer where the peer answers with a third', () => {
    const { dialled, told } = dial(hybrid(), [another, refused])
    expect(dialled.slice(1)).toEqual([{ ...own, infoHash, infoHashV2: undefined }])
    expect(told).toEqual([refused])
  })

  it('are dialled no more once the dial is cancelled, whichever of the two is under way', () => {
    const { cancel, cancelled, told } = dial(hybrid(), [hungUp])
    cancel()
    expect(cancelled()).toBe(1)
    expect(told).toEqual([])
  })
})

describe('the only info-hash that is known', () => {
  it.each([
    ['v1', new JoinedHashes({ infoHash }, own), { ...own, infoHash, infoHashV2: undefined }],
    ['v2', new JoinedHashes({ infoHash: short, infoHashV2 }, own), { ...own, infoHash: short, infoHashV2 }],
  ])('of %s is dialled once', (_, hashes, handshake) => {
    const { dialled, told } = dial(hashes, [hungUp])
    expect(dialled).toEqual([handshake])
    expect(told).toEqual([hungUp])
  })

  it('is joined by the other once the metadata tells it, and what was known is no news', () => {
    const hashes = new JoinedHashes({ infoHash: short, infoHashV2 }, own)
    expect(hashes.learn(infoHash, infoHashV2)).toEqual([infoHash])
    expect(hashes.all).toEqual([infoHash, short])
    expect(hashes.learn(infoHash, infoHashV2)).toEqual([])
    expect(new JoinedHashes({ infoHash }, own).learn(infoHash, infoHashV2)).toEqual([short])
    expect(new JoinedHashes({ infoHash }, own).learn(infoHash, undefined)).toEqual([])
  })
})
