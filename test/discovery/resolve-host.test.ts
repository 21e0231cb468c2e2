import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { resolveHost } from '../../src/discovery/resolve-host.ts'

test('an address is its own, if it is of the family that is wanted', async () => {
  expect(await resolveHost('10.0.0.1', 0)).toEqual(['10.0.0.1'])
  expect(await resolveHost('10.0.0.1', 4)).toEqual(['10.0.0.1'])
  expect(await resolveHost('::1', 4)).toEqual([])
})

test('a name has the addresses that the system knows', async () => {
  expect(await resolveHost('localhost', 4)).toContain('127.0.0.1')
})

test('an unknown name has none', async () => {
  expect(await resolveHost('name.invalid', 0)).toEqual([])
})

test('nobody waits for an answer that is not wanted any more', async () => {
  expect(await resolveHost('localhost', 0, AbortSignal.abort())).toEqual([])
})

test('a signal that lives on is let go of', async () => {
  const { signal } = new AbortController()
  await resolveHost('localhost', 4, signal)
  await Promise.resolve()
  expect(getEventListeners(signal, 'abort')).toEqual([])
})
