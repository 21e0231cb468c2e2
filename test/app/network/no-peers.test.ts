import { describe, expect, it } from 'vitest'
import { noPeers } from '../../../src/app/network/no-peers.ts'
import { openFileLimit } from '../../../src/base/open-file-limit.ts'

describe('the sentence for a fetch that found nobody', () => {
  it('says so where there was nobody to ask', () => {
    expect(noPeers(5, { named: [], ways: [] })).toMatchObject({
      code: 'NO_PEERS',
      message: 'No peer was found within 5 s, and there was nobody to ask.',
      hint: expect.stringContaining('--peer HOST:PORT'),
    })
  })

  it('names the first peers and ways, so that many of one kind hide none of the other', () => {
    const named = ['a', 'b', 'c', 'd'].map((host) => `${host}:1 (no answer yet)`)
    const ways = ['the DHT (it knows nobody)', ...[1, 2, 3, 4, 5, 6].map((port) => `the tracker udp://x:${port} (it is silent)`)]
    expect(noPeers(5, { named, ways }).message).toBe(
      'No peer was found within 5 s. Tried: a:1 (no answer yet), b:1 (no answer yet), c:1 (no answer yet) and 1 more, ' +
        'the DHT (it knows nobody), the tracker udp://x:1 (it is silent), the tracker udp://x:2 (it is silent), ' +
        'the tracker udp://x:3 (it is silent), the tracker udp://x:4 (it is silent) and 2 more.',
    )
  })

  it.each([
    [['a:1 (the peer closed the connection)', 'b:1 (its name was not found)'], 'may have something else'],
    [['a:1 (the connection was refused)', 'b:1 (its name was not found)'], 'Is the seed running, at that address'],
    [['b:1 (its name was not found)'], 'Is the name spelled'],
  ])('hints for %s: %s', (named, hint) => {
    expect(noPeers(5, { named, ways: [] }).hint).toContain(hint)
  })

  it('hints at the limit of open files where that kept it from asking', () => {
    const why = openFileLimit('EMFILE')?.reason
    expect(noPeers(5, { named: [`a:1 (${why})`], ways: [] }).hint).toBe(openFileLimit('EMFILE')?.hint)
    expect(noPeers(5, { named: [], ways: [`the tracker udp://x:1 (${why})`] }).hint).toBe(openFileLimit('EMFILE')?.hint)
  })
})
