import { describe, expect, test } from 'vitest'
import { ConnectionLine } from '../../src/web-server/connection-line.ts'
import { WEB_SERVER_LIMITS } from '../../src/web-server/web-server-limits.ts'

describe('the line of a connection', () => {
  test('lets one request after the other be worked on, in their order', () => {
    const line = new ConnectionLine({ count: 0 })
    const calls: number[] = []
    for (const number of [1, 2, 3]) line.join(() => calls.push(number))
    expect(calls).toEqual([1])
    line.next()
    line.next()
    expect(calls).toEqual([1, 2, 3])
    line.next()
    line.join(() => calls.push(4))
    expect(calls).toEqual([1, 2, 3, 4])
  })

  test('is bounded, and so are all lines together', () => {
    const all = { count: 0 }
    const lengthOf = (line: ConnectionLine): number => {
      let length = 0
      while (line.join(() => undefined)) length++
      return length
    }
    const lines = [new ConnectionLine(all), new ConnectionLine(all), new ConnectionLine(all)]
    const { waitingRequests, waitingRequestsInAll } = WEB_SERVER_LIMITS
    // One that is worked on, and those that wait.
    expect(lines.map(lengthOf)).toEqual([waitingRequests + 1, waitingRequests + 1, waitingRequestsInAll - 2 * waitingRequests + 1])
    lines[0]?.clear()
    expect(all.count).toBe(waitingRequestsInAll - waitingRequests)
    expect(lengthOf(new ConnectionLine(all))).toBe(waitingRequests + 1)
  })

  test('forgets those that wait when the connection is gone', () => {
    const line = new ConnectionLine({ count: 0 })
    const calls: number[] = []
    for (const number of [1, 2]) line.join(() => calls.push(number))
    line.clear()
    line.next()
    expect(calls).toEqual([1])
  })
})
