import { describe, expect, test } from 'vitest'
import { systemRandom } from '../../src/base/system-random.ts'
import { TrackerList } from '../../src/discovery/tracker-list.ts'

const [a, b, c, d] = ['http://a/announce', 'https://b/announce', 'udp://c:80/announce', 'udp://d:81'] as const

describe('TrackerList', () => {
  test('goes tier by tier, in any order within a tier', () => {
    const orders = new Set<string>()
    for (let run = 0; run < 200; run++) {
      const order = hrefs(
        new TrackerList(
          [
            [a, b],
            [c, d],
          ],
          systemRandom,
        ),
      )
      expect(order.slice(0, 2).toSorted()).toEqual([a, b])
      expect(order.slice(2).toSorted()).toEqual([c, d])
      orders.add(order.join())
    }
    expect(orders.size).toBe(4)
  })

  test('puts the one that answered to the front of its tier', () => {
    const list = new TrackerList([[a], [b, c, d]], systemRandom)
    const last = list.inOrder.at(-1) as URL
    list.promote(last)
    expect(list.inOrder[0]?.href).toBe(a)
    expect(list.inOrder[1]).toBe(last)
    expect(list.inOrder).toHaveLength(4)
  })

  test('leaves out repetitions and what is for browsers', () => {
    const list = new TrackerList([[a, a], ['wss://tracker.example', a, 'ws://x'], []], systemRandom)
    expect(hrefs(list)).toEqual([a])
    expect(list.refused).toEqual([])
  })

  test('names what it cannot ask', () => {
    const refused = ['', 'tracker', 'ftp://x/', 'udp://x/announce', 'udp://x:0/announce', 'file:///etc/passwd', 'http://']
    expect(new TrackerList([refused], systemRandom)).toMatchObject({ inOrder: [], refused })
  })

  test('has 50 trackers at most', () => {
    const many = Array.from({ length: 100 }, (_, index) => [`http://tracker-${index}/`])
    expect(new TrackerList(many, systemRandom).inOrder).toHaveLength(50)
  })
})

function hrefs(list: TrackerList): string[] {
  return list.inOrder.map(({ href }) => href)
}
