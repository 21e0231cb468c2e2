import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type TorrentFormat, USUAL_FORMAT } from '../../src/torrent/torrent-format.ts'
import { differingPaths } from '../support/differing-paths.ts'
import { writeRandomTree } from '../support/random-tree.ts'
import { spawnDistro } from '../support/spawn-distro.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** A tree of many files with its torrent, and folders for those who hold it and those who get it. */
export interface Content {
  /** The folder above the tree, as other clients want it. */
  readonly seedFolder: string
  readonly tree: string
  readonly torrent: string
  readonly magnet: string
  readonly infoHash: string
  /** Makes a folder for one client's own files or copy. */
  folder(name: string): Promise<string>
  /** Fails when the copy below `folder` differs from the tree. */
  expectCopy(folder: string): Promise<void>
}

/** Makes a tree of 40 files and 8 MB, and its torrent with `distro create`, of `format`. */
export async function makeContent(format: TorrentFormat = USUAL_FORMAT): Promise<Content> {
  const root = await temporaryFolder()
  const folder = async (name: string): Promise<string> => {
    const path = join(root, name)
    await mkdir(path, { recursive: true })
    return path
  }
  const seedFolder = await folder('holder')
  const tree = join(seedFolder, 'tree')
  await writeRandomTree(tree, { seed: 19, files: 40, totalBytes: 8_000_000 })
  const torrent = join(root, 'tree.torrent')
  const create = spawnDistro(['create', tree, '-o', torrent, '--quiet', '--format', format])
  expect(await create.exited, create.output).toMatchObject({ code: 0 })
  const [magnet = ''] = create.stdout
  const infoHash = /btih:([0-9a-f]{40})/.exec(magnet)?.[1] ?? ''
  const expectCopy = async (copy: string): Promise<void> => expect(await differingPaths(tree, join(copy, 'tree'))).toEqual([])
  return { seedFolder, tree, torrent, magnet, infoHash, folder, expectCopy }
}

/** The words of a distro that stays on the loopback: its port is `port`, and there is no DHT unless `dht` names where to start. */
export function onLoopback(state: string, port = 0, dht?: string): string[] {
  const discovery = dht === undefined ? ['--no-dht'] : ['--dht-bootstrap', dht]
  return ['--json', '--bind', '127.0.0.1', '--port', String(port), '--no-lsd', ...discovery, '--state-dir', state]
}
