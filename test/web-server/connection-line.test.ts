import { describe, expect, test } from 'vitest'
import { ConnectionLine } from '../../src/web-server/connection-line.ts'
import { WEB_SERVER_LIMITS } from '../../src/web-server/web-server-limits.ts'

describe('the line of a connection', () => {
  test('lets one request after the other be worked on, in their order', () => {
    const line = new ConnectionLine({ bytes: 0 })
    const calls: number[] = []
    expect(line.isIdle).toBe(true)
    for (const number of [1, 2, 3]) line.join(10, () => calls.push(number))
    expect([calls, line.isIdle]).toEqual([[1], false])
    line.next()
    line.next()
    expect(calls).toEqual([1, 2, 3])
    line.next()
    expect(line.isIdle).toBe(true)
    line.join(10, () => calls.push(4))
    expect(calls).toEqual([1, 2, 3, 4])
  })

  test('is full when what waits takes too much, and counts it for all lines together', () => {
    const all = { bytes: 0 }
    const lines = [new ConnectionLine(all), new ConnectionLine(all)]
    for (const line of lines) {
      line.join(1_000_000, () => undefined)
      expect([line.isFull, line.bytes]).toEqual([false, 0])
      line.join(WEB_SERVER_LIMITS.waitingBytes - 1, () => undefined)
      expect(line.isFull).toBe(false)
      line.join(1, () => undefined)
      expect([line.isFull, line.bytes]).toEqual([true, WEB_SERVER_LIMITS.waitingBytes])
    }
    expect(all.bytes).toBe(2 * WEB_SERVER_LIMITS.waitingBytes)
    lines[0]?.next()
    expect([lines[0]?.isFull, all.bytes]).toEqual([false, WEB_SERVER_LIMITS.waitingBytes + 1])
    lines[1]?.clear()
    expect([lines[1]?.isFull, all.bytes]).toEqual([false, 1])
  })

  test('forgets those that wait when the connection is gone', () => {
    const line = new ConnectionLine({ bytes: 0 })
    const calls: number[] = []
    for (const number of [1, 2]) line.join(10, () => calls.push(number))
    line.clear()
    line.next()
    expect(calls).toEqual([1])
  })
})
