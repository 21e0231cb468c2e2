import { expect, test } from 'vitest'
import { ChunkPool } from '../../src/web-server/chunk-pool.ts'
import { WEB_SERVER_LIMITS } from '../../src/web-server/web-server-limits.ts'

test('the pool has a chunk for everybody who has none, and a second one only while there are few', () => {
  const pool = new ChunkPool()
  const first = Array.from({ length: WEB_SERVER_LIMITS.chunks }, () => pool.take(0))
  expect(pool.take(1)).toBeUndefined()
  const more = pool.take(0)
  expect(pool.inUse).toBe(WEB_SERVER_LIMITS.chunks + 1)
  for (const chunk of [...first, more]) if (chunk !== undefined) pool.giveBack(chunk)
  expect(pool.inUse).toBe(0)
  expect([...first, more].includes(pool.take(1))).toBe(true)
})

test('a chunk that is lost makes room for another', () => {
  const pool = new ChunkPool()
  for (let count = 0; count < WEB_SERVER_LIMITS.chunks; count++) pool.take(0)
  pool.lose()
  expect(pool.take(1)).toBeInstanceOf(Uint8Array)
})
