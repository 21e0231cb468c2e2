import { execFileSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { mkdir, readdir, truncate, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { checkNamesApart } from '../../src/store/names-apart.ts'
import type { TorrentFile } from '../../src/torrent/info.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

function treeOf(...paths: readonly string[]): { readonly files: readonly TorrentFile[] } {
  return { files: paths.map((path) => ({ path: path.split('/'), lengthBytes: 0, offsetBytes: 0, kind: 'file' })) }
}

function canUse(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const mayMount = process.getuid?.() === 0 && (process.env.PATH ?? '').split(delimiter).some((folder) => canUse(join(folder, 'lowntfs-3g')))

/** A folder on a file system that does not tell case apart. */
async function foldingFolder(): Promise<string> {
  const folder = await temporaryFolder()
  const [image, place] = [join(folder, 'image'), join(folder, 'mounted')]
  await writeFile(image, '')
  await truncate(image, 8 * 1_048_576)
  await mkdir(place)
  execFileSync('mkntfs', ['--quick', '--force', image], { stdio: 'ignore' })
  execFileSync('lowntfs-3g', ['-o', 'ignore_case', image, place])
  onTestFinished(() => {
    execFileSync('umount', [place])
  })
  return place
}

describe('names that some file system takes for the same', () => {
  it('are told apart by one that looks at bytes, and nothing of the trial stays', async () => {
    const folder = await temporaryFolder()
    await checkNamesApart(folder, { ...treeOf('d/README', 'd/readme', 'x', 'X/é', 'X/e\u0301', 'x.'), emptyDirectories: [['D']] })
    expect(await readdir(folder)).toEqual([])
  })

  it.skipIf(!mayMount)('are refused by name where the file system takes them for the same, and others are not', async () => {
    const folder = await foldingFolder()
    await expect(checkNamesApart(folder, treeOf('a', 'd/README', 'd/readme', 'e'))).rejects.toMatchObject({
      code: 'PATH_REFUSED',
      message: 'This file system takes "README" and "readme" for the same name, and the tree has them beside each other.',
    })
    await expect(checkNamesApart(folder, { ...treeOf('lib/a'), emptyDirectories: [['Lib']] })).rejects.toMatchObject({
      code: 'PATH_REFUSED',
    })
    await checkNamesApart(folder, treeOf('README', 'd/readme', 'D2/x'))
    expect(await readdir(folder)).toEqual([])
  })
})
