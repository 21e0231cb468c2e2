import { describe, expect, test } from 'vitest'
import { openSeed } from '../support/open-seed.ts'
import { readRange } from '../support/read-range.ts'
import { folder, singleFile } from '../support/sample-content.ts'
import { type Answer, startServer, type WebServer } from '../support/web-server.ts'

const sample = folder('tree', [
  ['a', 10_000],
  ['b', 2_000],
  [undefined, 4_384],
  ['c', 50_000],
])

describe('a web seed that gives pieces by their number', () => {
  test('is asked piece by piece, by info-hash, and not for padding', async () => {
    const server = await startServer(servePieces(sample.bytes))
    const seed = openSeed(`bep17+${server.url}seed.php?key=secret`, sample)
    const { bytes, failure } = await readRange(seed, 9_000, 40_000)
    expect(failure).toBeUndefined()
    expect(bytes.equals(sample.bytes.subarray(9_000, 49_000))).toBe(true)
    const hash = sample.content.infoHash.reduce((text, byte) => `${text}%${byte.toString(16).toUpperCase().padStart(2, '0')}`, '')
    expect(server.requests.map(({ url }) => url)).toEqual([
      `/seed.php?key=secret&info_hash=${hash}&piece=0&ranges=9000-11999`,
      `/seed.php?key=secret&info_hash=${hash}&piece=1&ranges=0-16383`,
      `/seed.php?key=secret&info_hash=${hash}&piece=2&ranges=0-16231`,
    ])
    expect(seed.label).toBe(`bep17+${server.url}seed.php?...`)
  })

  test('may stand inside our network when a torrent names it, as long as the query is all ours', async () => {
    const server = await startServer(servePieces(sample.bytes))
    expect((await readRange(openSeed(`bep17+${server.url}seed.php`, sample, { namedBy: 'torrent' }), 0, 10)).failure).toBeUndefined()
    const { failure } = await readRange(openSeed(`bep17+${server.url}seed.php?delete=all`, sample, { namedBy: 'torrent' }), 0, 10)
    expect(failure).toMatchObject({ kind: 'refused' })
  })

  test.each([
    ['30', { kind: 'busy', isFinal: false, retryAfterMs: 30_000 }],
    [' 7\n', { kind: 'busy', retryAfterMs: 7_000 }],
    ['86400', { kind: 'busy', retryAfterMs: 300_000 }],
    ['later', { kind: 'busy', retryAfterMs: undefined }],
    ['', { kind: 'busy', retryAfterMs: undefined }],
    ['9'.repeat(100_000), { kind: 'busy', retryAfterMs: undefined }],
  ])('that is busy says in its body for how long', async (body, expected) => {
    const { failure } = await readFirst((_request, response) => void response.writeHead(503).end(body))
    expect(failure).toMatchObject(expected)
  })

  test('that is busy may say so in the usual way', async () => {
    const { failure } = await readFirst((_request, response) => void response.writeHead(503, { 'retry-after': '9' }).end('sorry'))
    expect(failure).toMatchObject({ kind: 'busy', retryAfterMs: 9_000 })
  })

  test.each<[string, Answer, object]>([
    ['with too few bytes', (_request, response) => void response.end('12345'), { kind: 'changed' }],
    ['with too few bytes of unknown number', (_request, response) => void response.writeHead(200).end('12345'), { kind: 'misbehaved' }],
    ['with a part', (_request, response) => void response.writeHead(206).end('1234567890'), { kind: 'misbehaved' }],
    [
      'with a page that says that there is none',
      (_request, response) => void response.writeHead(404).end('no'),
      { kind: 'missing', isFinal: true },
    ],
  ])('that answers %s fails', async (_title, answer, expected) => {
    expect((await readFirst(answer)).failure).toMatchObject(expected)
  })
})

async function readFirst(answer: Answer): ReturnType<typeof readRange> {
  const server: WebServer = await startServer(answer)
  return readRange(openSeed(`bep17+${server.url}`, singleFile('file', 1_000)), 0, 10)
}

/** Answers as BEP 17 has it: 200, and the bytes of a piece. */
function servePieces(content: Buffer): Answer {
  return (request, response) => {
    const query = new URL(request.url ?? '', 'http://localhost').searchParams
    const [first = 0, last = 0] = (query.get('ranges') ?? '').split('-').map(Number)
    const start = Number(query.get('piece')) * 16_384
    response.writeHead(200).end(content.subarray(start + first, start + last + 1))
  }
}
