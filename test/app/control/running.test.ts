import { mkdir, readdir, rename, utimes, writeFile } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { birthOf, forgetSocket } from '../../../src/app/control/forget-socket.ts'
import { running } from '../../../src/app/control/running.ts'
import { machineTag } from '../../../src/app/control/socket-name.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { sampleDescription } from './support/sample-description.ts'
import { startServer } from './support/start-server.ts'

const never = new AbortController().signal

describe('what runs', () => {
  it('is nothing where nothing ever ran', async () => {
    expect(await running(join(await temporaryFolder(), 'none'), never)).toEqual({ runs: [], complaints: [] })
  })

  it('is told oldest first', async () => {
    const stateDir = await temporaryFolder()
    for (const [name, startedAt] of [
      ['second', '2026-01-02T00:00:00.000Z'],
      ['first', '2026-01-01T00:00:00.000Z'],
      ['third', '2026-01-02T00:00:00.001Z'],
    ] as const) {
      await startServer({ stateDir, run: { describe: () => ({ ...sampleDescription, name, startedAt }) } })
    }
    const { runs } = await running(stateDir, never)
    expect(runs.map(({ summary }) => summary.name)).toEqual(['first', 'second', 'third'])
  })

  it('does not contain a process that was killed, whose socket is removed on the way', async () => {
    const { stateDir, folder, name } = await startServer()
    const dead = await deadSocket(folder, `zzzz.${await machineTag()}.sock`)
    expect((await readdir(folder)).sort()).toEqual([name, dead].sort())
    expect((await running(stateDir, never)).runs.map(({ socketName }) => socketName)).toEqual([name])
    expect(await readdir(folder)).toEqual([name])
  })

  it('is not sought among other files, which are left alone', async () => {
    const { stateDir, folder, name } = await startServer()
    const foreign = await deadSocket(folder, 'yyyy.00000000.sock')
    const others = ['note.txt', `xxxx.${await machineTag()}.sock`, '.0123456789ab']
    for (const other of others) await writeFile(join(folder, other), '')
    expect((await running(stateDir, never)).runs).toHaveLength(1)
    expect((await readdir(folder)).sort()).toEqual([name, foreign, ...others].sort())
  })

  it('clears hidden sockets away an hour after they were made', async () => {
    const { stateDir, folder, name } = await startServer()
    const fresh = await deadSocket(folder, '.aaaaaaaaaaaa')
    const old = await deadSocket(folder, '.bbbbbbbbbbbb')
    const before = new Date(Date.now() - 3_700_000)
    await utimes(join(folder, old), before, before)
    await running(stateDir, never)
    expect((await readdir(folder)).sort()).toEqual([name, fresh].sort())
  })

  it('does not contain a run that ends while it is asked', async () => {
    const { stateDir } = await pretend((socket) => socket.destroy())
    expect(await running(stateDir, never)).toEqual({ runs: [], complaints: [] })
  })

  it('does not wait for a run that does not answer, and names it', async () => {
    const clock = new ManualClock()
    const { stateDir } = await pretend((socket) => {
      socket.resume()
      clock.advance(3_000)
    })
    expect(await running(stateDir, never, clock)).toEqual({ runs: [], complaints: ['The run hhhh does not answer.'] })
  })

  it.each([
    ['hello\n', 'it is not JSON'],
    ['{"version":2}\n', 'its version is not 1'],
    ['a'.repeat(70_000), 'A line on a control socket is longer than 64 KiB.'],
  ])('does not contain what answers nonsense, and names it', async (text, fault) => {
    const { stateDir } = await pretend((socket) => void socket.resume().end(text))
    const { runs, complaints } = await running(stateDir, never)
    expect(runs).toEqual([])
    expect(complaints).toEqual([`The run hhhh answers what cannot be understood: ${fault.replace(/\.$/, '')}.`])
  })

  it('is not waited for once it is of no interest any more', async () => {
    const stopping = new AbortController()
    const { stateDir } = await pretend((socket) => {
      socket.resume()
      stopping.abort(new RangeError('enough'))
    })
    await expect(running(stateDir, stopping.signal)).rejects.toThrow('enough')
  })
})

describe('a socket that is to be forgotten', () => {
  it('stays when another has taken its name meanwhile', async () => {
    const { stateDir, folder, name, path } = await startServer()
    await forgetSocket(folder, name, '1 1')
    expect(await readdir(folder)).toEqual([name])
    expect((await running(stateDir, never)).runs).toHaveLength(1)
    await forgetSocket(folder, name, (await birthOf(path)) ?? '')
    expect(await readdir(folder)).toEqual([])
  })

  it('may be gone already', async () => {
    const folder = await temporaryFolder()
    await forgetSocket(folder, 'hhhh.00000000.sock', '1 1')
    expect(await readdir(folder)).toEqual([])
  })
})

/** A socket that nobody listens on any more, as a killed process leaves it. */
async function deadSocket(folder: string, name: string): Promise<string> {
  const server = createServer()
  await listen(server, join(folder, '.alive'))
  await rename(join(folder, '.alive'), join(folder, name))
  await new Promise((resolve) => server.close(resolve))
  return name
}

/** Something that listens like a run and does as it is told with whoever comes. */
async function pretend(meet: (socket: Socket) => void): Promise<{ stateDir: string }> {
  const stateDir = await temporaryFolder()
  await mkdir(join(stateDir, 'runs'), 0o700)
  const sockets: Socket[] = []
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined)
    sockets.push(socket)
    meet(socket)
  })
  await listen(server, join(stateDir, 'runs', `hhhh.${await machineTag()}.sock`))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { stateDir }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve) => server.listen(path, resolve))
}
