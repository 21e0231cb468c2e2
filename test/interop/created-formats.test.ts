import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { summarize } from '../../src/app/resolve/info.ts'
import { toHex } from '../../src/base/bytes.ts'
import { decodeMetainfo } from '../../src/torrent/metainfo.ts'
import { SeededRandom } from '../support/seeded-random.ts'
import { spawnDistro } from '../support/spawn-distro.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { askLibtorrent } from './clients/ask-libtorrent.ts'
import { isInstalled } from './clients/installed.ts'
import { libtorrent } from './clients/libtorrent.ts'

const lengths = { empty: 0, 'a/one byte': 1, 'a/block': 16_384, 'a/more': 16_385, 'a.b': 65_537, 'z/é/large': 1_000_003, same: 65_537 }

async function writeTree(): Promise<string> {
  const tree = join(await temporaryFolder(), 'release')
  for (const [index, [path, length]] of Object.entries(lengths).entries()) {
    await mkdir(dirname(join(tree, path)), { recursive: true })
    await writeFile(join(tree, path), new SeededRandom(length === 65_537 ? 1 : index + 2).bytes(length))
  }
  return tree
}

async function createByDistro(path: string, ...words: readonly string[]): Promise<string> {
  const torrent = `${path}.torrent`
  const run = spawnDistro(['create', path, '-o', torrent, ...words])
  expect(await run.exited, run.output).toMatchObject({ code: 0 })
  return torrent
}

const formats = ['v2', 'hybrid'] as const

describe.each(isInstalled(libtorrent) ? formats : [])('a %s torrent that distro makes', (format) => {
  test.each(['16K', '64K', '1M'])('with pieces of %s is read by libtorrent as by us', async (pieceLength) => {
    const torrent = await createByDistro(await writeTree(), '--format', format, '--piece-length', pieceLength)
    const ours = summarize(decodeMetainfo(await readFile(torrent)))
    const theirs = askLibtorrent({ torrent })
    expect([theirs.v1, theirs.v2, theirs.magnet]).toEqual([ours.infoHash, ours.infoHashV2, ours.magnet])
    expect(theirs.files).toEqual(ours.files.map(({ path, lengthBytes, piecesRoot }) => [path, lengthBytes, piecesRoot]))
  })

  test.each([16_384, 65_536, 1_048_576])('has the roots that libtorrent gives the tree, with pieces of %i bytes', async (pieceLength) => {
    const tree = await writeTree()
    const torrent = await createByDistro(tree, '--format', format, '--piece-length', String(pieceLength))
    const ours = askLibtorrent({ torrent })
    const theirs = askLibtorrent({ torrent: `${tree}.theirs`, tree, pieceLength, format })
    expect([...ours.files].sort()).toEqual([...theirs.files].sort())
    const [read, made] = await Promise.all([torrent, `${tree}.theirs`].map(async (path) => decodeMetainfo(await readFile(path))))
    expect(read?.pieceLayers).toEqual(made?.pieceLayers)
  })

  test('with links, exec bits and empty folders has the info-hashes that libtorrent gives it', async () => {
    const tree = await writeTree()
    await mkdir(join(tree, 'no/thing'), { recursive: true })
    await chmod(join(tree, 'a/block'), 0o755)
    await symlink('../a.b', join(tree, 'a/link'))
    const metainfo = decodeMetainfo(await readFile(await createByDistro(tree, '--format', format)))
    const { v1, v2 } = askLibtorrent({ torrent: `${tree}.torrent` })
    expect(v2).toBe(toHex(metainfo.v2?.infoHash ?? new Uint8Array()))
    expect(v1).toBe(format === 'v2' ? null : toHex(metainfo.infoHash))
  })

  test('of a single file is one to libtorrent too', async () => {
    const tree = await writeTree()
    const torrent = await createByDistro(join(tree, 'z/é/large'), '--format', format)
    expect(askLibtorrent({ torrent }).files).toMatchObject([['large', 1_000_003, expect.any(String)]])
  })
})
