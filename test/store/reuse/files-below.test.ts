import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { FolderContents } from '../../../src/store/reuse/files-below.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

async function below(contents: FolderContents, root: string): Promise<string[]> {
  return (await contents.below(root, undefined)).map(({ path }) => path)
}

it('finds the files below a folder, sorted, without links, hidden names and empty files', async () => {
  const root = await temporaryFolder()
  await mkdir(join(root, 'sub'))
  await mkdir(join(root, '.app.distro-0000000000000000'))
  const paths = ['a', 'sub.txt', 'sub/b'].map((name) => join(root, name))
  for (const path of [...paths].reverse()) await writeFile(path, 'x')
  await writeFile(join(root, 'empty'), '')
  await symlink('a', join(root, 'link'))
  expect(await below(new FolderContents(), root)).toEqual(paths)
})

it('walks each folder once, however often it is asked', async () => {
  const [root, other] = [await temporaryFolder(), await temporaryFolder()]
  await writeFile(join(root, 'a'), 'x')
  await writeFile(join(other, 'b'), 'x')
  const contents = new FolderContents()
  const first = await contents.below(root, undefined)
  await writeFile(join(root, 'later'), 'x')
  expect(await contents.below(root, undefined)).toBe(first)
  expect(await below(contents, other)).toEqual([join(other, 'b')])
  expect(await below(new FolderContents(), root)).toEqual([join(root, 'a'), join(root, 'later')])
})
