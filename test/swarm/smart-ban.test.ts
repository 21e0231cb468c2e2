import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concatBytes } from '../../src/base/bytes.ts'
import { SmartBan } from '../../src/swarm/smart-ban.ts'

const digestsOf = (contents: readonly string[]): Uint8Array =>
  concatBytes(contents.map((content) => createHash('sha1').update(content).digest()))

describe('SmartBan', () => {
  it('convicts a single sender at once', () => {
    const ban = new SmartBan()
    expect(ban.onCorrupt(1, ['a', 'a'], digestsOf(['x', 'y']))).toEqual(new Set(['a']))
    expect([ban.hasFailed(1), ban.hasFailures]).toEqual([false, false])
  })

  it('waits for the right piece when there were several, and then convicts exactly those whose blocks differ', () => {
    const ban = new SmartBan()
    expect(ban.onCorrupt(1, ['a', 'b', 'c'], digestsOf(['1', 'bad', '3'])).size).toBe(0)
    expect(ban.onCorrupt(1, ['a', 'd', 'e'], digestsOf(['1', '2', 'worse'])).size).toBe(0)
    expect(['a', 'b', 'c', 'd', 'e', 'f'].map((who) => ban.isSuspect(1, who))).toEqual([true, true, true, true, true, false])
    expect([ban.isSuspect(2, 'a'), ban.hasFailed(1), ban.hasFailed(2), ban.hasFailures]).toEqual([false, true, false, true])
    expect(ban.onRight(1, digestsOf(['1', '2', '3']), 20)).toEqual(new Set(['b', 'e']))
    expect([ban.hasFailed(1), ban.isSuspect(1, 'a'), ban.hasFailures]).toEqual([false, false, false])
  })

  it('never convicts an honest peer and always a liar, whoever sent which block', () => {
    const attempt = fc.array(fc.tuple(fc.constantFrom('honest 1', 'honest 2', 'liar 1', 'liar 2'), fc.boolean()), {
      minLength: 8,
      maxLength: 8,
    })
    fc.assert(
      fc.property(fc.array(attempt, { minLength: 1, maxLength: 5 }), (attempts) => {
        const ban = new SmartBan()
        const right = Array.from({ length: 8 }, (_, block) => `right ${block}`)
        const liars = new Set<string>()
        const convicted = new Set<string>()
        for (const blocks of attempts) {
          const lies = blocks.map(([sender, lies]) => sender.startsWith('liar') && lies)
          if (!lies.includes(true)) continue
          for (const [index, [sender]] of blocks.entries()) if (lies[index] === true) liars.add(sender)
          const contents = right.map((content, index) => (lies[index] === true ? 'wrong' : content))
          for (const one of ban.onCorrupt(
            0,
            blocks.map(([sender]) => sender),
            digestsOf(contents),
          ))
            convicted.add(one)
        }
        for (const one of ban.onRight(0, digestsOf(right), 20)) convicted.add(one)
        expect(convicted).toEqual(liars)
      }),
    )
  })
})
