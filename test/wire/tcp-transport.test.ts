import { expect, test } from 'vitest'
import { linkedPair } from './support/loopback.ts'

test('two hosts shake hands and every message arrives in order', async () => {
  await using pair = await linkedPair()
  expect(pair.dialled.direction).toBe('outgoing')
  expect(pair.accepted.direction).toBe('incoming')
  expect(pair.accepted.peer).toMatchObject({ supportsFast: true, supportsExtensions: true, supportsDht: true })
  pair.dialled.haveNone()
  pair.dialled.interested()
  pair.dialled.request(1, 16_384, 16_384)
  await pair.atAccepted.until(() => pair.atAccepted.calls.length === 3)
  expect(pair.atAccepted.calls).toEqual([['HaveNone'], ['Interested'], ['Request', 1, 16_384, 16_384]])
})
