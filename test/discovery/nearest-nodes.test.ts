import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NearestNodes, type NearNode } from '../../src/discovery/nearest-nodes.ts'
import { idOf } from './support/krpc-sample.ts'

describe('NearestNodes', () => {
  test('keeps the nearest by XOR, nearest first, whatever the order in which they came', () => {
    const target = idOf(0b0101)
    const distances = fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], { minLength: 8 })
    fc.assert(
      fc.property(distances, (ids) => {
        const nearest = new NearestNodes(target, 5)
        for (const id of ids) nearest.add(node(id))
        const expected = ids.toSorted((left, right) => (left ^ 0b0101) - (right ^ 0b0101)).slice(0, 5)
        expect(nearest.first(99).map(({ port }) => port - 1_000)).toEqual(expected)
      }),
    )
  })

  test('replaces what a node answered before', () => {
    const nearest = new NearestNodes(idOf(0), 5)
    nearest.add({ ...node(1), token: Uint8Array.of(1) })
    nearest.add({ ...node(1), token: Uint8Array.of(2) })
    expect(nearest.first(5).map(({ token }) => token)).toEqual([Uint8Array.of(2)])
  })

  test('takes a node out that no longer answers', () => {
    const nearest = new NearestNodes(idOf(0), 5)
    nearest.add(node(1))
    nearest.add(node(2))
    nearest.delete(node(1))
    expect(nearest.first(5).map(({ port }) => port)).toEqual([1_002])
  })
})

function node(id: number): NearNode {
  return { id: idOf(id), host: '10.0.0.1', port: 1_000 + id, token: undefined, answeredMs: 0 }
}
