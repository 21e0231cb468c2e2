import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { checkReuse } from '../../../src/app/fetch/check-reuse.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { startFetch } from '../support/running-verb.ts'

it('a place to reuse from is a file, a folder or a link to a folder, and what else it may be is told once', async () => {
  const root = await temporaryFolder()
  const at = (name: string): string => join(root, name)
  await mkdir(at('folder'))
  await writeFile(at('file'), 'x')
  await symlink('folder', at('link'))
  expect(await checkReuse([at('folder'), at('file'), at('link')])).toEqual([])
  expect(await checkReuse([at('nope'), at('file/below'), '/dev/null', at('nope')])).toEqual([
    `There is nothing to reuse at ${at('nope')}: it does not exist.`,
    `There is nothing to reuse at ${at('file/below')}: it is neither a file nor a folder.`,
    'There is nothing to reuse at /dev/null: it is neither a file nor a folder.',
  ])
})

it('a fetch warns of it before it looks for the torrent', async () => {
  const root = await temporaryFolder()
  const fetching = startFetch({ id: join(root, 'none.torrent'), outDir: root, reuse: [join(root, 'nope')] })
  await fetching.result.catch(() => undefined)
  expect(fetching.all('warning')).toMatchObject([{ message: expect.stringContaining('nothing to reuse') }])
})
