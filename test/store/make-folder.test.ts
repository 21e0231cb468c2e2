import { readdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeFolder } from '../../src/store/make-folder.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

it('a folder is made with those above it, and again without complaint', async () => {
  const root = await temporaryFolder()
  await makeFolder(join(root, 'a/b/c'))
  await makeFolder(join(root, 'a/b/c'))
  expect(await readdir(join(root, 'a/b'))).toEqual(['c'])
})

it.skipIf(process.platform !== 'linux')('a folder that its file system does not take is refused with a sentence that says so', async () => {
  await expect(makeFolder('/proc/x')).rejects.toMatchObject({
    code: 'DISK_FAILED',
    message: 'Cannot make the directory /proc/x: this file system makes none there.',
    hint: 'Choose another directory.',
  })
})

it('a folder whose name, or that of one above it, is a link to nothing is refused with where the link leads', async () => {
  const link = join(await temporaryFolder(), 'link')
  await symlink('nowhere', link)
  for (const path of [link, join(link, 'a')]) {
    await expect(makeFolder(path)).rejects.toMatchObject({
      code: 'DISK_FAILED',
      message: `${link} is a link to "nowhere", and nothing is there.`,
      hint: expect.stringContaining('another directory'),
    })
  }
})
