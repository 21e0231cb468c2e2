import { link, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkOutputs } from '../../src/app/check-outputs.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

describe('files that are to be written', () => {
  it('are none of those that are read, under whatever name', async () => {
    const folder = await temporaryFolder()
    const hosts = join(folder, 'hosts.txt')
    await writeFile(hosts, 'web-1\n')
    await symlink('hosts.txt', join(folder, 'symlink'))
    await link(hosts, join(folder, 'link'))
    await symlink('.', join(folder, 'folder'))
    for (const name of ['hosts.txt', 'symlink', 'link', 'folder/hosts.txt']) {
      const path = join(folder, name)
      await expect(checkOutputs({ '--report': path }, { '--torrent': undefined, '--expect': hosts })).rejects.toMatchObject({
        code: 'USAGE',
        message: `--report and --expect are the same file, ${path}.`,
        hint: 'Name another file with --report.',
      })
    }
  })

  it('are not one another, also where nothing is there yet', async () => {
    const folder = await temporaryFolder()
    await symlink('.', join(folder, 'alias'))
    const outputs = { '--report': join(folder, 'out'), '--magnet-out': undefined, '--report-junit': join(folder, 'alias', 'out') }
    await expect(checkOutputs(outputs, {})).rejects.toMatchObject({
      code: 'USAGE',
      message: `--report-junit and --report are the same file, ${join(folder, 'alias', 'out')}.`,
    })
  })

  it('may lie in a folder that is read, and beside files that are', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'app'))
    await writeFile(join(folder, 'old.torrent'), '')
    const outputs = { '--report': join(folder, 'app', 'report.json'), '--torrent-out': join(folder, 'app.torrent') }
    await checkOutputs(outputs, { 'the content': join(folder, 'app'), '--similar': [join(folder, 'old.torrent'), join(folder, 'none')] })
    await expect(checkOutputs({ '-o': join(folder, 'old.torrent') }, { '--similar': [join(folder, 'old.torrent')] })).rejects.toMatchObject(
      {
        message: `-o and --similar are the same file, ${join(folder, 'old.torrent')}.`,
      },
    )
  })
})
