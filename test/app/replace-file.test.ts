import { execFileSync } from 'node:child_process'
import { lstat, mkdir, open, readFile, readlink, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkReplaceable, replaceFile } from '../../src/app/replace-file.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const refused = { code: 'DISK_FAILED', message: expect.stringMatching(/: it is a device or a stream, which a file would replace\.$/) }

describe('a file that is to be written', () => {
  it('may be new, or take the place of a file or of a link to one', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'old'), 'old')
    await symlink('old', join(folder, 'link'))
    await symlink('nothing', join(folder, 'dangling'))
    for (const name of ['new', 'old', 'link', 'dangling']) {
      await checkReplaceable(join(folder, name), '-o app.torrent')
      await replaceFile(join(folder, name), name)
      expect(await readFile(join(folder, name), 'utf8')).toBe(name)
    }
  })

  it('takes the place of no folder', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'app'))
    await symlink('app', join(folder, 'link'))
    for (const name of ['app', 'link']) {
      await expect(checkReplaceable(join(folder, name), '-o app.torrent')).rejects.toMatchObject({
        code: 'DISK_FAILED',
        message: `Cannot write ${join(folder, name)}: it is a directory.`,
        hint: 'Name a file: -o app.torrent.',
      })
    }
  })

  it.skipIf(process.platform === 'win32')('takes the place of no device, nor of a link to one', async () => {
    const link = join(await temporaryFolder(), 'null')
    await symlink('/dev/null', link)
    await expect(checkReplaceable(link, '-o app.torrent')).rejects.toMatchObject(refused)
    // Without root the folder alone says no, and the device is not looked at.
    await expect(checkReplaceable('/dev/null', '-o app.torrent')).rejects.toMatchObject({ code: 'DISK_FAILED' })
  })

  it.skipIf(process.platform === 'win32')('takes the place of no pipe', async () => {
    const pipe = join(await temporaryFolder(), 'pipe')
    execFileSync('mkfifo', [pipe])
    await expect(checkReplaceable(pipe, '-o app.torrent')).rejects.toMatchObject(refused)
    expect((await lstat(pipe)).isFIFO()).toBe(true)
  })

  it.skipIf(process.platform !== 'linux')('takes the place of no link to a stream, also where a file stands behind that', async () => {
    const folder = await temporaryFolder()
    const stdout = join(folder, 'stdout')
    const handle = await open(join(folder, 'log'), 'w')
    try {
      await symlink(`/proc/self/fd/${handle.fd}`, stdout)
      await expect(checkReplaceable(stdout, '-o app.torrent')).rejects.toMatchObject(refused)
      expect(await readlink(stdout)).toBe(`/proc/self/fd/${handle.fd}`)
    } finally {
      await handle.close()
    }
  })
})
