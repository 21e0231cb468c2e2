import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ParentFolders } from '../../src/store/parent-folders.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { sampleTorrent } from './sample-torrent.ts'

const { info } = sampleTorrent([['dir/sub/a', 1]])

it('the folders of a file are made, unless they are there', async () => {
  const root = await temporaryFolder()
  await mkdir(join(root, 'dir'))
  await new ParentFolders(info, root).ensure(0)
  expect(await readdir(join(root, 'dir'))).toEqual(['sub'])
})

it('a folder that cannot be made is a failure of the disk that names it', async () => {
  const root = await temporaryFolder()
  const path = join(root, 'gone', 'dir')
  const message = `Cannot create ${path}: it does not exist.`
  await expect(new ParentFolders(info, join(root, 'gone')).ensure(0)).rejects.toMatchObject({ code: 'DISK_FAILED', message })
  await writeFile(join(root, 'dir'), '')
  await expect(new ParentFolders(info, root).ensure(0)).rejects.toMatchObject({ code: 'PATH_REFUSED' })
})
