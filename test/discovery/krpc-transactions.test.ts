import { describe, expect, test } from 'vitest'
import type { Random } from '../../src/base/random.ts'
import { systemRandom } from '../../src/base/system-random.ts'
import { KrpcTransactions } from '../../src/discovery/krpc-transactions.ts'
import { MovingClock } from './support/moving-clock.ts'

describe('KrpcTransactions', () => {
  test('closes a question once, for the address that was asked', () => {
    const transactions = new KrpcTransactions<string>(new MovingClock(), systemRandom)
    const id = transactions.open('10.0.0.1', 6881, 'where?')
    expect(transactions.close(id, 0, 4, '10.0.0.2', 6881)).toBeUndefined()
    expect(transactions.close(id, 0, 4, '10.0.0.1', 6882)).toBeUndefined()
    expect(transactions.close(id, 0, 3, '10.0.0.1', 6881)).toBeUndefined()
    expect(transactions.close(id, 0, 4, '10.0.0.1', 6881)).toBe('where?')
    expect(transactions.close(id, 0, 4, '10.0.0.1', 6881)).toBeUndefined()
  })

  test('takes no answer to a question that was cancelled', () => {
    const transactions = new KrpcTransactions<string>(new MovingClock(), systemRandom)
    const id = transactions.open('10.0.0.1', 6881, 'where?')
    transactions.cancel(id)
    expect(transactions.close(id, 0, 4, '10.0.0.1', 6881)).toBeUndefined()
  })

  test('takes no answer after six seconds', async () => {
    const clock = new MovingClock()
    const transactions = new KrpcTransactions<string>(clock, systemRandom)
    const id = transactions.open('10.0.0.1', 6881, 'where?')
    await clock.move(6_001)
    expect(transactions.close(id, 0, 4, '10.0.0.1', 6881)).toBeUndefined()
  })

  test('never gives one id to two questions', () => {
    const drawn = [7, 7, 8]
    const random: Random = { below: () => 0, bytes: (length) => new Uint8Array(length).fill(drawn.shift() ?? 0) }
    const transactions = new KrpcTransactions<string>(new MovingClock(), random)
    expect(transactions.open('10.0.0.1', 1, 'first')[0]).toBe(7)
    expect(transactions.open('10.0.0.1', 1, 'second')[0]).toBe(8)
  })

  test('remembers the 2,048 youngest questions', () => {
    const transactions = new KrpcTransactions<number>(new MovingClock(), systemRandom)
    const ids = Array.from({ length: 2_100 }, (_, index) => transactions.open('10.0.0.1', 1, index))
    const answered = ids.map((id) => transactions.close(id, 0, 4, '10.0.0.1', 1)).filter((question) => question !== undefined)
    expect(answered).toHaveLength(2_048)
    expect(answered.at(-1)).toBe(2_099)
  })
})
