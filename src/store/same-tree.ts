import { constants } from 'node:fs'
import { type FileHandle, lstat, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { MiB } from '../base/units.ts'
import type { TorrentInfo } from '../torrent/info.ts'
import { contentPath } from './file-layout.ts'
import type { Selection } from './selection.ts'

/** True if `target` has exactly the wanted files, each with the bytes that it has in `staged`. */
export async function isSameTree(info: TorrentInfo, selection: Selection, staged: string, target: string): Promise<boolean> {
  if (!(await hasSameShape(info, selection, target))) return false
  for (const file of selection.fileIndexes()) {
    if (!(await isSameFile(contentPath(info, staged, file), contentPath(info, target, file)))) return false
  }
  return true
}

/** True if `target` has exactly the wanted files, each of the right length, and no entry that none of them needs. */
export async function hasSameShape(info: TorrentInfo, selection: Selection, target: string): Promise<boolean> {
  const root = await lstat(target)
  if (info.isSingleFile) return root.isFile() && root.size === info.files[0]?.lengthBytes
  if (!root.isDirectory()) return false
  const lengths = new Map<string, number>()
  const directories = new Set<string>([''])
  for (const index of selection.fileIndexes()) {
    const { path, lengthBytes } = info.files[index] as TorrentInfo['files'][number]
    lengths.set(path.join('/'), lengthBytes)
    for (let depth = 1; depth < path.length; depth++) directories.add(path.slice(0, depth).join('/'))
  }
  let found = 0
  for (const directory of directories) {
    const entries = await readdir(join(target, directory), { withFileTypes: true }).catch(() => undefined)
    if (entries === undefined) return false
    for (const entry of entries) {
      const path = directory === '' ? entry.name : `${directory}/${entry.name}`
      if (entry.isDirectory()) {
        if (!directories.has(path)) return false
      } else {
        if (!entry.isFile() || (await lstat(join(target, path))).size !== lengths.get(path)) return false
        found++
      }
    }
  }
  return found === lengths.size
}

async function isSameFile(left: string, right: string): Promise<boolean> {
  const handles: FileHandle[] = []
  try {
    for (const path of [left, right]) handles.push(await open(path, constants.O_RDONLY | constants.O_NOFOLLOW))
    const [first, second] = handles as [FileHandle, FileHandle]
    const buffers = [Buffer.allocUnsafe(MiB), Buffer.allocUnsafe(MiB)] as const
    for (let position = 0; ; ) {
      const [a, b] = await Promise.all([first.read(buffers[0], 0, MiB, position), second.read(buffers[1], 0, MiB, position)])
      if (a.bytesRead === 0 && b.bytesRead === 0) return true
      const length = Math.min(a.bytesRead, b.bytesRead)
      if (length === 0 || buffers[0].compare(buffers[1], 0, length, 0, length) !== 0) return false
      position += length
    }
  } finally {
    for (const handle of handles) await handle.close()
  }
}
