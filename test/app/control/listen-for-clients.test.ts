import { chmod, chown, mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { running } from '../../../src/app/control/running.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { startServer } from './support/start-server.ts'

const never = new AbortController().signal

describe('the socket of a run', () => {
  it('has an id of its own, however many start at once', async () => {
    const stateDir = join(await temporaryFolder(), 'state')
    const servers = await Promise.all(Array.from({ length: 40 }, () => startServer({ stateDir })))
    const names = servers.map(({ name }) => name)
    expect(new Set(names).size).toBe(40)
    expect([...(await readdir(join(stateDir, 'runs')))].sort()).toEqual([...names].sort())
    const { runs } = await running(stateDir, never)
    expect(runs.map(({ socketName }) => socketName).sort()).toEqual([...names].sort())
  })

  it.runIf(process.platform === 'linux')('works in a folder whose path is longer than a socket may have', async () => {
    const stateDir = join(await temporaryFolder(), 'a'.repeat(120), 'b'.repeat(200))
    const { path, server } = await startServer({ stateDir })
    expect((await stat(path)).isSocket()).toBe(true)
    expect((await running(stateDir, never)).runs).toHaveLength(1)
    await server.stop()
    expect(await readdir(join(stateDir, 'runs'))).toEqual([])
  })

  it('closes a folder that others could look into', async () => {
    const stateDir = await temporaryFolder()
    await mkdir(join(stateDir, 'runs'))
    await chmod(join(stateDir, 'runs'), 0o777)
    const { folder } = await startServer({ stateDir })
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
  })

  it.runIf(process.getuid?.() === 0)('is not made in a folder of somebody else', async () => {
    const stateDir = await temporaryFolder()
    await mkdir(join(stateDir, 'runs'))
    await chown(join(stateDir, 'runs'), 12_345, 12_345)
    await expect(startServer({ stateDir })).rejects.toMatchObject({ code: 'PATH_REFUSED' })
  })

  it('is not made through a link, nor where a file is', async () => {
    const [stateDir, elsewhere] = [await temporaryFolder(), await temporaryFolder()]
    await symlink(elsewhere, join(stateDir, 'runs'))
    await expect(startServer({ stateDir })).rejects.toMatchObject({ code: 'PATH_REFUSED' })
    const file = join(elsewhere, 'file')
    await writeFile(file, '')
    await expect(startServer({ stateDir: file })).rejects.toMatchObject({ code: 'ENOTDIR' })
    await writeFile(join(elsewhere, 'runs'), '')
    await expect(startServer({ stateDir: elsewhere })).rejects.toMatchObject({ code: 'PATH_REFUSED' })
  })
})
