import { describe, expect, test } from 'vitest'
import type { NetworkScope } from '../../src/base/network-scope.ts'
import { scopedLookup } from '../../src/discovery/scoped-lookup.ts'

describe('a resolver with a scope', () => {
  test('finds this machine by name for whoever may dial it', async () => {
    expect(await lookUp('host', 'localhost', false)).toEqual({ error: null, found: '127.0.0.1' })
    expect(await lookUp('host', 'localhost', true)).toEqual({ error: null, found: [{ address: '127.0.0.1', family: 4 }] })
  })

  test.each(['private', 'public'] as const)('does not find it for who was sent there from a %s address', async (scope) => {
    const { error, found } = await lookUp(scope, 'localhost', false)
    expect(error).toMatchObject({ code: 'NETWORK_FAILED', message: 'localhost has no address that may be dialled.' })
    expect(found).toEqual([])
  })

  test('passes on that a name is unknown', async () => {
    const { error } = await lookUp('public', 'name.invalid', true)
    expect(error).toMatchObject({ syscall: 'getaddrinfo' })
  })
})

function lookUp(scope: NetworkScope, host: string, all: boolean): Promise<{ readonly error: Error | null; readonly found: unknown }> {
  return new Promise((resolve) => scopedLookup(scope)(host, { family: 4, all }, (error, found) => resolve({ error, found })))
}
