import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { startFetch, startSeed } from '../support/running-verb.ts'
import { writeFiles } from '../support/write-files.ts'

it('a seed of a .torrent itself warns that it is published as a file, and says how to publish what it describes', async () => {
  const path = join(await temporaryFolder(), 'site.torrent')
  await writeFile(path, 'content')
  const seeding = startSeed({ path })
  const { message } = await seeding.event('warning')
  expect(message).toBe(`${path} is published itself, as a file. To publish what it describes, name that, and the file with --torrent.`)
  await seeding.event('ready')
})

it('a fetch that leaves when it is done tells of no seeding', async () => {
  const root = await temporaryFolder()
  const seeding = startSeed({ path: await writeFiles(join(root, 'tree'), { 'a.bin': 50_000 }) })
  const { magnet } = await seeding.event('ready')
  const fetching = startFetch({ id: magnet, outDir: join(root, 'out') })
  await fetching.result
  expect(new Set(fetching.all('progress').map(({ phase }) => phase))).not.toContain('seed')
})
