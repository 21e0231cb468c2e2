import type { TorrentInfo } from '../torrent/info.ts'
import { hasExecBit, saysExecBits } from './exec-bit.ts'
import { contentPath } from './file-layout.ts'
import type { HashPool } from './hash-pool.ts'
import { lookAt } from './look-at.ts'

/** The files of a tree, by number, whose exec bit is not as published; those that are not there do not count. The workers of `pool` look where there are many. */
export async function wrongExecBits(info: TorrentInfo, root: string, pool: HashPool): Promise<number[]> {
  if (!saysExecBits(info)) return []
  const files = [...info.files.keys()].filter((file) => info.files[file]?.kind === 'file')
  const looks = await lookAt(
    files.map((file) => contentPath(info, root, file)),
    { pool },
  )
  return files.filter((file, index) => {
    const look = looks.at(index)
    return look?.isFile === true && hasExecBit(look.mode) !== (info.files[file]?.isExecutable === true)
  })
}
