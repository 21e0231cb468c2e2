import { join } from 'node:path'
import { expect, it } from 'vitest'
import { freePort } from '../../support/free-port.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { loopback } from '../support/loopback-request.ts'
import { startFetch, startSeed } from '../support/running-verb.ts'
import { writeFiles } from '../support/write-files.ts'

it('a fetch of what is in place says in one warning that no named peer could be told of it, and nothing where one was', async () => {
  const root = await temporaryFolder()
  const path = await writeFiles(join(root, 'tree'), { 'a.bin': 50_000 })
  const torrentOut = join(root, 'tree.torrent')
  const seeding = startSeed({ path, torrentOut })
  const { listen } = await seeding.event('ready')
  const port = await freePort()
  const nowhere = [
    { host: '127.0.0.1', port },
    { host: 'nobody.invalid', port: 9 },
  ]
  const warningsWith = async (peers: readonly { readonly host: string; readonly port: number }[]): Promise<readonly string[]> => {
    const again = startFetch({ id: torrentOut, outDir: root, network: loopback({ peers, stateDir: join(root, 'state') }) })
    await again.result
    return again.all('warning').map(({ message }) => message)
  }
  const why = `127.0.0.1:${port} (the connection was refused), nobody.invalid:9 (its name was not found)`
  expect(await warningsWith(nowhere)).toEqual([`Nobody was told that it is in place here: ${why}.`])
  expect(await warningsWith([...nowhere, ...listen])).toEqual([])
  expect(await warningsWith([])).toEqual([])
})
