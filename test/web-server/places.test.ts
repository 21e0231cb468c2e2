import { describe, expect, test } from 'vitest'
import { Places } from '../../src/web-server/places.ts'
import { WEB_SERVER_LIMITS } from '../../src/web-server/web-server-limits.ts'
import type { Visitor } from '../../src/wire/incoming-quota.ts'

const { connectionsPerAddress, connectionsPerNetwork } = WEB_SERVER_LIMITS

/** Comes in from `host` and asks for something, `count` times at most; those that found a place. */
function settled(places: Places, hosts: (index: number) => string, count: number): Visitor[] {
  const visitors: Visitor[] = []
  for (let index = 0; index < count; index++) {
    const visitor = { host: hosts(index), evict: () => undefined }
    if (!places.admit(visitor)) continue
    places.settle(visitor)
    visitors.push(visitor)
  }
  return visitors
}

describe('the places of the web server', () => {
  test.each(['192.0.2.7', '2001:db8::7'])('are few for one address, %s', (host) => {
    expect(settled(new Places(), () => host, 300)).toHaveLength(connectionsPerAddress)
  })

  test('are not all to be had by a host that has a whole /64', () => {
    const places = new Places()
    const visitors = settled(places, (index) => `2001:db8::${index.toString(16)}`, 300)
    expect(visitors).toHaveLength(connectionsPerNetwork)
    expect(settled(places, () => '2001:db8:0:1::7', 1)).toHaveLength(1)
    const [first] = visitors
    if (first !== undefined) places.release(first)
    if (first !== undefined) places.release(first)
    expect(settled(places, (index) => `2001:db8::ff:${index}`, 2)).toHaveLength(1)
  })

  test('count an IPv4 address alone', () => {
    expect(settled(new Places(), (index) => `192.0.2.${index % 200}`, 300)).toHaveLength(300)
  })

  test('are taken from those of a /64 that have not asked for anything', () => {
    const places = new Places()
    const evicted: number[] = []
    for (let index = 0; index < 40; index++) places.admit({ host: `2001:db8::${index}`, evict: () => evicted.push(index) })
    expect(settled(places, (index) => `2001:db8::a:${index}`, 300)).toHaveLength(connectionsPerNetwork)
    expect(evicted).toEqual(Array.from({ length: 40 }, (_, index) => index))
  })
})
