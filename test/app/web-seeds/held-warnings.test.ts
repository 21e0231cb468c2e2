import { describe, expect, it } from 'vitest'
import { HeldWarnings } from '../../../src/app/web-seeds/held-warnings.ts'
import type { WebSeed } from '../../../src/web-seed/web-seed.ts'
import { VirtualClock } from '../../swarm/support/virtual-clock.ts'

function holding() {
  const clock = new VirtualClock()
  const told: string[] = []
  return { clock, told, held: new HeldWarnings(clock, (sentence) => told.push(sentence)) }
}

function webSeedOf(label: string): WebSeed {
  return { label, read: () => ({ pause: () => undefined, resume: () => undefined, cancel: () => undefined }), close: async () => undefined }
}

describe('what a web seed is to be warned of that lacks a file', () => {
  it('is told after a while, the first of it, and once', async () => {
    const { clock, told, held } = holding()
    const [one, other] = [webSeedOf('one'), webSeedOf('other')]
    held.hold(one, 'One lacks a.')
    held.hold(one, 'One lacks b.')
    await clock.advance(2_000)
    held.hold(other, 'Other lacks a.')
    expect(told).toEqual([])
    await clock.advance(2_000)
    expect(told).toEqual(['One lacks a.'])
    held.hold(one, 'One lacks c.')
    await clock.advance(10_000)
    expect(told).toEqual(['One lacks a.', 'Other lacks a.'])
  })

  it('is not told where something is that says more', async () => {
    const { clock, told, held } = holding()
    const webSeed = webSeedOf('one')
    held.hold(webSeed, 'One lacks a.')
    held.drop(webSeed)
    held.release(webSeed)
    held.releaseAll()
    await clock.advance(10_000)
    expect([told, clock.pending]).toEqual([[], 0])
  })

  it('is told at once where it has to be, and leaves no timer', () => {
    const { clock, told, held } = holding()
    const [one, other] = [webSeedOf('one'), webSeedOf('other')]
    held.hold(one, 'One lacks a.')
    held.hold(other, 'Other lacks a.')
    held.release(one)
    held.releaseAll()
    expect([told, clock.pending]).toEqual([['One lacks a.', 'Other lacks a.'], 0])
  })
})
