import S3rver from '@20minutes/s3rver'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openSeed } from '../support/open-seed.ts'
import { readRange } from '../support/read-range.ts'
import { folder, type Sample, singleFile } from '../support/sample-content.ts'
import { startServer } from '../support/web-server.ts'

/** The keys that the server was born with. */
const keys = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER', AWS_REGION: 'eu-central-1' }

describe('a bucket of an S3-compatible server', () => {
  let endpoint = ''

  beforeEach(async () => {
    const directory = await temporaryFolder()
    const server = new S3rver({
      address: '127.0.0.1',
      port: 0,
      silent: true,
      directory,
      configureBuckets: [{ name: 'releases', configs: [] }],
    })
    const { port } = await server.run()
    onTestFinished(() => server.close())
    endpoint = `http://127.0.0.1:${port}`
  })

  test('gives a file by ranges to who has the keys', async () => {
    const sample = singleFile('release 1+2.bin', 200_000)
    await put('nightly build/release 1+2.bin', sample.bytes)
    const seed = openSeed('s3://releases/nightly build/', sample, { env: { ...keys, AWS_ENDPOINT_URL_S3: endpoint } })
    expect(seed.label).toBe('s3://releases/nightly build/')
    const { bytes, failure } = await readRange(seed, 50_000, 100_000)
    expect(failure).toBeUndefined()
    expect(bytes.equals(sample.bytes.subarray(50_000, 150_000))).toBe(true)
  })

  test('gives a folder with odd names', async () => {
    const names = ['a b', "it's (1)!", 'größe', '100%', 'x;y&z=1', 'sub/%2f']
    const sample = folder(
      'tree',
      names.map((name) => [name, 1_000]),
    )
    for (const name of names) await put(`tree/${name}`, sample.fileBytes(name))
    const seed = openSeed('s3://releases', sample, { env: { ...keys, AWS_ENDPOINT_URL: endpoint } })
    const { bytes, failure } = await readRange(seed, 0, sample.bytes.length)
    expect(failure).toBeUndefined()
    expect(bytes.equals(sample.bytes)).toBe(true)
  })

  test.each([
    ['a wrong secret', { AWS_SECRET_ACCESS_KEY: 'wrong' }],
    ['an unknown key', { AWS_ACCESS_KEY_ID: 'NOBODY' }],
  ])('gives nothing for %s', async (_title, wrong) => {
    const sample = singleFile('file', 10)
    await put('file', sample.bytes)
    const { failure } = await readRange(
      openSeed('s3://releases/', sample, { env: { ...keys, ...wrong, AWS_ENDPOINT_URL: endpoint } }),
      0,
      10,
    )
    expect(failure).toMatchObject({ kind: 'denied', isFinal: true })
    expect(failure?.message).not.toContain('wrong')
  })

  test('says so when there is no such key', async () => {
    const { failure } = await readRange(
      openSeed('s3://releases/', singleFile('file', 10), { env: { ...keys, AWS_ENDPOINT_URL: endpoint } }),
      0,
      10,
    )
    expect(failure).toMatchObject({ kind: 'missing' })
  })

  async function put(key: string, body: Buffer): Promise<void> {
    const path = key.split('/').map(encodeURIComponent).join('/')
    const answer = await fetch(`${endpoint}/releases/${path}`, { method: 'PUT', body: new Uint8Array(body) })
    expect(answer.status).toBe(200)
  }
})

test('the signature of a bucket is never sent to where its server redirects', async () => {
  const sample: Sample = singleFile('file', 10)
  const target = await startServer((_request, response) => void response.writeHead(403).end())
  const server = await startServer((_request, response) => void response.writeHead(307, { location: `${target.url}file` }).end())
  const env = { ...keys, AWS_SESSION_TOKEN: 'token', AWS_ENDPOINT_URL: server.url }
  expect((await readRange(openSeed('s3://b-1/', sample, { env }), 0, 10)).failure?.kind).toBe('denied')
  expect(server.requests[0]?.headers).toMatchObject({ 'x-amz-security-token': 'token' })
  expect(JSON.stringify(target.requests[0]?.headers)).not.toMatch(/token|AWS4|S3RVER/)
})

test.each([
  ['s3://', {}],
  ['s3:///x', {}],
  ['s3://b/../x', {}],
  ['s3://bucket/', { AWS_ACCESS_KEY_ID: '' }],
  ['s3://bucket/', { AWS_SECRET_ACCESS_KEY: '' }],
  ['s3://bucket/', { AWS_ENDPOINT_URL: 'ftp://x' }],
  ['s3://bucket/', { AWS_ENDPOINT_URL: 'not a url' }],
])('the operator who names %s with %j hears what is wrong', (text, change) => {
  expect(() => openSeed(text, singleFile('file', 10), { env: { ...keys, ...change } })).toThrow(expect.objectContaining({ code: 'USAGE' }))
})
