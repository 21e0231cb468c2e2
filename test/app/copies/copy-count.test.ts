import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { loopback } from '../support/loopback-request.ts'
import { startFetch, startSeed } from '../support/running-verb.ts'
import { writeFiles } from '../support/write-files.ts'

it('a host that comes under a second name is counted once, and the seed says so', async () => {
  const root = await temporaryFolder()
  const seeding = startSeed({ path: await writeFiles(join(root, 'tree'), { 'a.bin': 50_000 }), untilCopies: 2 })
  const { magnet } = await seeding.event('ready')
  const network = loopback({ stateDir: join(root, 'state') })
  for (const hostName of ['web-1', 'web-2']) await startFetch({ id: magnet, outDir: join(root, hostName), hostName, network }).result
  const { message } = await seeding.event('warning')
  expect(message).toBe('web-2 is the same host as web-1: runs with one --state-dir on one machine are one host, and it counts once.')
  expect(seeding.all('copies')).toHaveLength(1)
})
