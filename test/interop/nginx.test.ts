import { appendFile, mkdir, open, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'
import { rightIdentity } from '../web-seed/support/identities.ts'
import { openSeed } from '../web-seed/support/open-seed.ts'
import { readRange } from '../web-seed/support/read-range.ts'
import { folder, type Sample, singleFile } from '../web-seed/support/sample-content.ts'
import { isInstalled } from './clients/installed.ts'
import { nginx } from './clients/nginx.ts'

const options = { authorities: rightIdentity.cert }
const oddNames = ['a b', 'a+b', '#1', 'what?', '100%', 'x&y;z=1', 'sub/%2f', 'größe', '日本', "it's (1)!", 'sub/[x]~', '..hidden', ':']

describe.each([nginx].filter(isInstalled))('a web seed at $name', () => {
  test.each(['http', 'https'] as const)('gives a single file by ranges over %s', async (protocol) => {
    const sample = singleFile('release.bin', 20_000_000)
    const { root, urls } = await serve({ 'dir/release.bin': sample.bytes })
    for (const path of ['dir/', 'dir/release.bin']) {
      const seed = openSeed(`${urls[protocol]}${path}`, sample, options)
      const reads = await Promise.all([0, 1, 2, 3].map((part) => readRange(seed, part * 5_000_000, 5_000_000)))
      expect(reads.map(({ failure }) => failure)).toEqual([undefined, undefined, undefined, undefined])
      expect(Buffer.concat(reads.map(({ bytes }) => bytes)).equals(sample.bytes)).toBe(true)
    }
    const answers = await until('log', async () => ((await urls.answers()).length === 8 ? urls.answers() : undefined))
    expect([...new Set(answers)]).toEqual([protocol === 'https' ? 'HTTP/2.0 206' : 'HTTP/1.1 206'])
    await appendFile(join(root, 'dir/release.bin'), 'more')
    const { failure } = await readRange(openSeed(`${urls[protocol]}dir/`, sample, options), 0, 10)
    expect(failure).toMatchObject({ kind: 'changed', isFinal: true })
  })

  test.each([
    ['a part of the missing end, and of what is there before it', 0, 4_194_304],
    ['what is there', 0, 10],
    ['the missing end', 4_500_000, 10],
  ])('that has a shorter file is out at once, asked for %s', async (_what, begin, lengthBytes) => {
    const sample = singleFile('file', 5_000_000)
    const { urls } = await serve({ file: sample.bytes.subarray(0, 4_000_000) })
    const { failure } = await readRange(openSeed(urls.http, sample), begin, lengthBytes)
    expect(failure).toMatchObject({ kind: 'changed', isFinal: true })
    expect(failure?.message).toMatch(/\/file has 4000000 bytes instead of 5000000: it is another file\.$/)
  })

  test.each(['http', 'https'] as const)('gives a folder with odd names and padding over %s', async (protocol) => {
    const sample = folder(
      'the tree',
      oddNames.flatMap((name, index) => [[name, 10_000 + index] as const, [undefined, 6_384 - index] as const]),
    )
    const { urls } = await serve(tree(sample))
    const { bytes, failure } = await readRange(openSeed(urls[protocol], sample, options), 0, sample.bytes.length)
    expect(failure).toBeUndefined()
    expect(bytes.equals(sample.bytes)).toBe(true)
  })

  test.each(['http', 'https'] as const)('finds out over %s that a file was replaced by one of the same length', async (protocol) => {
    const sample = singleFile('file', 5_000)
    const { root, urls } = await serve({ file: sample.bytes })
    const seed = openSeed(urls[protocol], sample, options)
    expect((await readRange(seed, 0, 10)).failure).toBeUndefined()
    const file = await open(join(root, 'file'), 'r+')
    await file.utimes(1_000_000_000, 1_000_000_000)
    await file.close()
    expect((await readRange(seed, 0, 10)).failure).toMatchObject({ kind: 'changed' })
    expect((await readRange(seed, 0, 10)).failure).toBeUndefined()
  })

  test('gives what lies beyond 4 GiB', async () => {
    const lengthBytes = 6_000_000_000
    const { root, urls } = await serve({ huge: Buffer.from('begin') })
    const file = await open(join(root, 'huge'), 'r+')
    await file.truncate(lengthBytes)
    await file.write(Buffer.from('the end'), 0, 7, lengthBytes - 7)
    await file.close()
    const { content } = singleFile('huge', 1)
    const huge = {
      content: { ...content, info: { ...content.info, files: [{ path: ['huge'], lengthBytes, offsetBytes: 0, kind: 'file' as const }] } },
    }
    const { bytes, failure } = await readRange(openSeed(urls.http, huge), lengthBytes - 20, 20)
    expect(failure).toBeUndefined()
    expect(bytes.toString('latin1')).toBe(`${'\0'.repeat(13)}the end`)
  })

  test.each(['http', 'https'] as const)('is left alone over %s by reads that were cancelled', async (protocol) => {
    const sample = singleFile('file', 20_000_000)
    const { urls } = await serve({ file: sample.bytes })
    const seed = openSeed(urls[protocol], sample, options)
    for (let round = 0; round < 10; round++) {
      await new Promise<void>((resolve) => {
        const read = seed.read(
          { begin: 0, lengthBytes: 20_000_000 },
          {
            onBytes() {
              read.cancel()
              resolve()
            },
            onEnd: () => resolve(),
          },
        )
      })
    }
    expect((await readRange(seed, 0, 20_000_000)).bytes.equals(sample.bytes)).toBe(true)
  })

  test('says that there is no such file', async () => {
    const { urls } = await serve({})
    const { failure } = await readRange(openSeed(urls.http, singleFile('file', 10)), 0, 10)
    expect(failure).toMatchObject({ kind: 'missing', isFinal: true })
  })
})

async function serve(files: Readonly<Record<string, Buffer>>) {
  const folderOfTest = await temporaryFolder()
  const root = join(folderOfTest, 'www')
  await mkdir(root)
  for (const [path, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), bytes)
  }
  return { root, urls: await nginx.start(root, join(folderOfTest, 'state'), rightIdentity) }
}

function tree({ content, fileBytes }: Sample): Record<string, Buffer> {
  const files = content.info.files.filter(({ kind }) => kind === 'file').map(({ path }) => path.join('/'))
  return Object.fromEntries(files.map((path) => [`${content.info.name}/${path}`, fileBytes(path)]))
}
