import { closeSync, openSync } from 'node:fs'
import { chmod, mkdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { VerbEvents } from '../../../src/app/events.ts'
import { create } from '../../../src/app/torrents/create.ts'
import type { CreateRequest, CreateResult } from '../../../src/app/torrents/create-request.ts'
import { toHex } from '../../../src/base/bytes.ts'
import { Events } from '../../../src/base/events.ts'
import type { Metainfo } from '../../../src/torrent/info.ts'
import { decodeInfoDictionary } from '../../../src/torrent/info-dictionary.ts'
import { decodeMetainfo } from '../../../src/torrent/metainfo.ts'
import type { TorrentFormat } from '../../../src/torrent/torrent-format.ts'
import { pseudoRandomBytes } from '../../store/sample-torrent.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { NaiveMerkleTree } from '../../torrent/naive-merkle.ts'

const never = new AbortController().signal
const contents: Readonly<Record<string, Uint8Array>> = {
  'a.b': pseudoRandomBytes(70_000, 1),
  'a/run': pseudoRandomBytes(1_000, 2),
  'a/empty': new Uint8Array(),
  'z/twin': pseudoRandomBytes(70_000, 1),
}

async function writeTree(): Promise<string> {
  const tree = join(await temporaryFolder(), 'app')
  for (const folder of ['a', 'z', 'nothing/in here']) await mkdir(join(tree, folder), { recursive: true })
  for (const [path, content] of Object.entries(contents)) await writeFile(join(tree, path), content)
  await chmod(join(tree, 'a/run'), 0o755)
  await symlink('a/run', join(tree, 'run'))
  return tree
}

function make(path: string, detail: Partial<CreateRequest> = {}, events = new Events<VerbEvents>()): Promise<CreateResult> {
  return create(
    {
      ...{
        path,
        outputFile: `${path}.torrent`,
        defaultDir: '/',
        name: undefined,
        exclude: [],
        pieceLengthBytes: undefined,
        format: undefined,
      },
      ...{ comment: undefined, isPrivate: false, trackers: [], webSeeds: [], ...detail },
    },
    events,
    never,
  )
}

const read = async (path: string): Promise<Metainfo> => decodeMetainfo(await readFile(`${path}.torrent`))

describe.each(['v1', 'v2', 'hybrid'] as const)('create --format %s', (format: TorrentFormat) => {
  it('writes what a tree holds, and says which format and info-hashes it has', async () => {
    const path = await writeTree()
    const result = await make(path, { format, pieceLengthBytes: 16_384 })
    const metainfo = await read(path)
    const { info, v2 } = metainfo
    expect(info.symlinks).toEqual([{ path: ['run'], target: ['a', 'run'] }])
    expect(info.emptyDirectories).toEqual([['nothing', 'in here']])
    expect(info.files.filter(({ isExecutable }) => isExecutable).map((file) => file.path.join('/'))).toEqual(['a/run'])
    expect(result).toMatchObject({ format, infoHash: toHex(metainfo.infoHash), infoHashV2: v2 === undefined ? null : toHex(v2.infoHash) })
    expect(result.files).toBe(4)
    const topics = [...result.magnet.matchAll(/xt=urn:(\w+):(\w+)/g)].map(([, kind, hash]) => `${kind} ${hash}`)
    const expected = { v1: [`btih ${result.infoHash}`], v2: [`btmh 1220${result.infoHashV2}`] }
    expect(topics).toEqual(format === 'hybrid' ? [...expected.v1, ...expected.v2] : expected[format])
  })

  it('gives the same bytes for the same tree', async () => {
    const [one, other] = [await writeTree(), await writeTree()]
    await make(one, { format })
    await make(other, { format })
    expect(await readFile(`${one}.torrent`)).toEqual(await readFile(`${other}.torrent`))
  })

  it('names similar torrents and what the torrent belongs to where a magnet leads to them', async () => {
    const path = await writeTree()
    const plain = await make(path, { format })
    const result = await make(path, { format, similar: [plain.magnet, `${path}.torrent`], collections: ['com.example.app'] })
    expect(result.infoHash).not.toBe(plain.infoHash)
    const { infoBytes } = await read(path)
    const { hints } = decodeInfoDictionary(infoBytes)
    expect([hints?.similar.map(toHex), hints?.collections]).toEqual([[plain.infoHash], ['com.example.app']])
  })

  it('describes a single file as one', async () => {
    const path = join(await temporaryFolder(), 'image.iso')
    await writeFile(path, pseudoRandomBytes(100_000, 3))
    await make(path, { format, name: 'other.iso' })
    expect((await read(path)).info).toMatchObject({
      name: 'other.iso',
      isSingleFile: true,
      files: [{ path: ['other.iso'], lengthBytes: 100_000 }],
    })
  })

  it('describes a folder of one file as a folder', async () => {
    const path = join(await temporaryFolder(), 'app')
    await mkdir(path)
    await writeFile(join(path, 'only'), 'x')
    await make(path, { format })
    expect((await read(path)).info).toMatchObject({ name: 'app', isSingleFile: false, files: [{ path: ['only'] }] })
  })

  it('refuses more pieces than any host takes, before it hashes', async () => {
    const path = join(await temporaryFolder(), 'large')
    await writeFile(path, '')
    await truncate(path, 400_001 * 16_384)
    const events = new Events<VerbEvents>()
    events.on('progress', () => expect.unreachable('hashed in vain'))
    await expect(make(path, { format, pieceLengthBytes: 16_384 }, events)).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: expect.stringContaining('400001 pieces, more than 400000'),
      hint: expect.stringContaining('--piece-length'),
    })
  })
})

describe('create', () => {
  it.each(['v2', 'hybrid'] as const)('gives each file of a %s torrent the root of its content', async (format) => {
    const path = await writeTree()
    await make(path, { format, pieceLengthBytes: 16_384 })
    const { v2, pieceLayers } = await read(path)
    const order = ['a/empty', 'a/run', 'a.b', 'z/twin']
    const roots = order.map((file) => (contents[file]?.length ? new NaiveMerkleTree(contents[file]).root : undefined))
    expect(v2?.info.files.map((file) => file.path.join('/'))).toEqual(order)
    expect(v2?.info.files.map(({ piecesRoot }) => piecesRoot)).toEqual(roots)
    expect(pieceLayers.size).toBe(1)
  })

  it.each(['v1', 'hybrid'] as const)('refuses for %s a file that readers would take for padding', async (format) => {
    const path = join(await temporaryFolder(), 'app')
    await mkdir(path)
    await writeFile(join(path, '_____padding_file_7'), 'x')
    await writeFile(join(path, 'a'), 'x')
    await expect(make(path, { format })).rejects.toMatchObject({ code: 'INPUT_REFUSED', message: expect.stringContaining('for padding') })
    expect((await make(path, { format: 'v2' })).files).toBe(2)
  })

  it('refuses for v2 a folder that nobody could tell from the file in it', async () => {
    const path = join(await temporaryFolder(), 'app')
    await mkdir(path)
    await writeFile(join(path, 'app'), 'x')
    await expect(make(path, { format: 'v2' })).rejects.toMatchObject({ code: 'INPUT_REFUSED', hint: expect.stringContaining('--name') })
    await make(path, { format: 'hybrid' })
    expect((await read(path)).info.isSingleFile).toBe(false)
  })
})

describe('create of a tree whose hybrid no host would take', () => {
  it('makes v1 and says so where no format was named, and refuses the hybrid that was asked for', async () => {
    const path = join(await temporaryFolder(), 'app')
    await mkdir(path)
    // A hybrid names each of them twice: more than the 10 MB that are read.
    for (let index = 0; index < 20_000; index++) closeSync(openSync(join(path, `${index}`.padStart(250, 'x')), 'w'))
    await writeFile(join(path, 'content'), contents['a.b'] ?? '')
    const events = new Events<VerbEvents>()
    const warnings: string[] = []
    events.on('warning', ({ message }) => warnings.push(message))
    expect(await make(path, {}, events)).toMatchObject({ format: 'v1', infoHashV2: null, files: 20_001 })
    expect(warnings).toEqual([
      expect.stringMatching(/^This torrent is of v1, as with --format v1, .* is more than the limit of 10000000\.$/),
    ])
    const hint = expect.stringContaining('--format v2 or v1')
    await expect(make(path, { format: 'hybrid' })).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED', hint })
  })
})
