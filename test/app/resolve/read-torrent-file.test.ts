import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readTorrentFile } from '../../../src/app/resolve/read-torrent-file.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

describe('readTorrentFile', () => {
  it('reads a file', async () => {
    const path = join(await temporaryFolder(), 'a.torrent')
    await writeFile(path, 'de')
    expect(Buffer.from(await readTorrentFile(path)).toString()).toBe('de')
  })

  it.skipIf(process.platform === 'win32')('refuses a FIFO at once, instead of waiting for somebody to write into it', async () => {
    const path = join(await temporaryFolder(), 'pipe')
    execFileSync('mkfifo', [path])
    await expect(readTorrentFile(path)).rejects.toMatchObject({ code: 'TORRENT_INVALID' })
  })

  it('refuses a folder, and says what is missing', async () => {
    const folder = await temporaryFolder()
    await expect(readTorrentFile(folder)).rejects.toMatchObject({ code: 'TORRENT_INVALID' })
    await expect(readTorrentFile(join(folder, 'none'))).rejects.toMatchObject({ code: 'INPUT_MISSING' })
  })
})
