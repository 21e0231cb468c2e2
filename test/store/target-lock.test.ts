import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { kill, pid, platform } from 'node:process'
import { describe, expect, it, onTestFinished, type TestContext } from 'vitest'
import { systemClock } from '../../src/base/system-clock.ts'
import { ownIdentity } from '../../src/store/process-identity.ts'
import { TargetLock } from '../../src/store/target-lock.ts'
import { mountTmpfs } from '../e2e/support/mount-tmpfs.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'
import { openFetch } from './driven-store.ts'
import { sampleTorrent } from './sample-torrent.ts'

const identity = await ownIdentity()

async function lockPath(): Promise<string> {
  return join(await temporaryFolder(), 'lock')
}

async function taken(path: string): Promise<TargetLock> {
  const lock = await TargetLock.take(path, systemClock)
  onTestFinished(() => lock.release())
  return lock
}

/** The number of a process that ran and ended. */
async function endedProcess(): Promise<number> {
  const child = spawn('true')
  await new Promise((resolve) => child.once('exit', resolve))
  return child.pid ?? 0
}

describe('TargetLock', () => {
  it('is held by one and free again afterwards', async () => {
    const path = await lockPath()
    const first = await TargetLock.take(path, systemClock)
    await expect(TargetLock.take(path, systemClock)).rejects.toMatchObject({
      code: 'BUSY',
      message: expect.stringContaining(`Process ${pid}`),
      hint: expect.stringContaining('one that was killed counts as ended at once here'),
    })
    await first.confirm()
    await first.release()
    await (await TargetLock.take(path, systemClock)).release()
    expect(readdirSync(join(path, '..'))).toEqual([])
  })

  it('is taken over from a process that ended', async () => {
    const path = await lockPath()
    const holder = { ...identity, pid: await endedProcess(), nonce: '0123456789abcdef' }
    writeFileSync(path, JSON.stringify(holder))
    await taken(path)
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid })
    expect(readdirSync(join(path, '..'))).toEqual(['lock'])
  })

  it('is taken over from a process that ended, though others were killed while they did that', async () => {
    const path = await lockPath()
    const left = async (name: string, nonce: string): Promise<void> =>
      writeFileSync(name, JSON.stringify({ ...identity, pid: await endedProcess(), nonce }))
    await left(path, '0123456789abcdef')
    await left(`${path}.0123456789abcdef`, 'aaaaaaaaaaaaaaaa')
    await left(`${path}.0123456789abcdef.aaaaaaaaaaaaaaaa`, 'bbbbbbbbbbbbbbbb')
    await taken(path)
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid })
    expect(readdirSync(join(path, '..'))).toEqual(['lock'])
  })

  it('is not taken over while another process that lives does that', async () => {
    const path = await lockPath()
    writeFileSync(path, JSON.stringify({ ...identity, pid: await endedProcess(), nonce: '0123456789abcdef' }))
    writeFileSync(`${path}.0123456789abcdef`, JSON.stringify({ ...identity, nonce: 'aaaaaaaaaaaaaaaa' }))
    await expect(TargetLock.take(path, systemClock)).rejects.toMatchObject({
      code: 'BUSY',
      message: `Process ${pid} is fetching to the same place (${path}).`,
    })
    expect(readdirSync(join(path, '..')).sort()).toEqual(['lock', 'lock.0123456789abcdef'])
  })

  it('is taken over at once from a process that was killed between linking it and removing its draft', async () => {
    const path = await lockPath()
    const record = JSON.stringify({ ...identity, pid: await endedProcess(), nonce: '0123456789abcdef' })
    writeFileSync(path, record)
    writeFileSync(`${path}.0123456789abcdef`, record)
    await taken(path)
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid })
    expect(readdirSync(join(path, '..'))).toEqual(['lock'])
  })

  it('is tidied up after processes that were killed while they took it, and after nobody else', async () => {
    const path = await lockPath()
    const folder = join(path, '..')
    const leave = (name: string, holder: object | undefined, ageSeconds = 0): void => {
      writeFileSync(join(folder, name), holder === undefined ? '' : JSON.stringify(holder))
      const thenSeconds = Date.now() / 1_000 - ageSeconds
      utimesSync(join(folder, name), thenSeconds, thenSeconds)
    }
    const ended = { ...identity, pid: await endedProcess(), nonce: '0123456789abcdef' }
    leave('lock.0000000000000001', ended)
    leave('lock.0000000000000002', undefined, 60)
    leave('lock.0000000000000003', undefined)
    leave('lock.0000000000000004', { ...identity, nonce: '0000000000000004' })
    leave('lock.old', ended, 60)
    leave('locked.0000000000000005', ended, 60)
    await taken(path)
    expect(readdirSync(folder).sort()).toEqual([
      'lock',
      'lock.0000000000000003',
      'lock.0000000000000004',
      'lock.old',
      'locked.0000000000000005',
    ])
  })

  it.runIf(platform === 'linux')('is taken over from a process that was killed and that its parent never asks for', async () => {
    const path = await lockPath()
    const parent = spawn('sh', ['-c', 'sleep 60 >/dev/null & echo $!; exec cat'], { stdio: ['pipe', 'pipe', 'inherit'] })
    onTestFinished(() => void parent.kill('SIGKILL'))
    const child = Number(await new Promise((resolve) => parent.stdout.once('data', resolve)))
    const fields = (): string[] =>
      readFileSync(`/proc/${child}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')
    writeFileSync(path, JSON.stringify({ ...identity, pid: child, startedAt: fields()[19], nonce: '0123456789abcdef' }))
    await expect(TargetLock.take(path, systemClock)).rejects.toMatchObject({
      code: 'BUSY',
      message: expect.stringContaining(`Process ${child}`),
    })
    kill(child, 'SIGKILL')
    await until('zombie', async () => (fields()[0] === 'Z' ? true : undefined))
    await taken(path)
    expect(fields()[0]).toBe('Z')
  })

  it('is taken over when the number of its process belongs to another one now', async () => {
    const path = await lockPath()
    writeFileSync(path, JSON.stringify({ ...identity, startedAt: '1', nonce: '0123456789abcdef' }))
    await taken(path)
  })

  it('is taken over when the machine was started again since', async () => {
    const path = await lockPath()
    writeFileSync(path, JSON.stringify({ ...identity, boot: 'earlier', nonce: '0123456789abcdef' }))
    await taken(path)
  })

  it.each([
    ['another container', JSON.stringify({ ...identity, namespace: 'pid:[1]', nonce: '0123456789abcdef' })],
    [
      'another machine',
      JSON.stringify({ pid: 1, startedAt: '1', machine: 'elsewhere', boot: '', namespace: '', nonce: '0123456789abcdef' }),
    ],
    ['nobody it can read', '{"pid":'],
    ['nobody', ''],
    [
      'a record of the wrong shape',
      JSON.stringify({ pid: 1, startedAt: '1', machine: 'elsewhere', boot: '', namespace: '', nonce: '../../etc/passwd' }),
    ],
  ])('of %s is respected until it was not touched for half a minute', async (_who, text) => {
    const path = await lockPath()
    writeFileSync(path, text)
    await expect(TargetLock.take(path, systemClock)).rejects.toMatchObject({ code: 'BUSY' })
    utimesSync(path, new Date(), new Date(Date.now() - 31_000))
    await taken(path)
    expect(readdirSync(join(path, '..'))).toEqual(['lock'])
  })

  it('is touched every five seconds while it is held', async () => {
    const path = await lockPath()
    const clock = new ManualClock()
    const lock = await TargetLock.take(path, clock)
    utimesSync(path, new Date(0), new Date(0))
    clock.advance(5_000)
    await lock.confirm()
    await lock.release()
    expect(clock.pendingCount).toBe(0)
    expect(readdirSync(join(path, '..'))).toEqual([])
  })

  it('tells a holder that slept that it was replaced, and leaves the new holder alone', async () => {
    const path = await lockPath()
    const sleeper = await TargetLock.take(path, new ManualClock())
    writeFileSync(
      path,
      JSON.stringify({ pid: 1, startedAt: '1', machine: 'elsewhere', boot: '', namespace: '', nonce: '0123456789abcdef' }),
    )
    utimesSync(path, new Date(0), new Date(0))
    await taken(path)
    await expect(sleeper.confirm()).rejects.toMatchObject({ code: 'BUSY' })
    await sleeper.release()
    expect(readdirSync(join(path, '..'))).toEqual(['lock'])
  })

  it('goes to exactly one of many that find the same stale lock, with a claim that somebody left or without', async () => {
    for (let round = 0; round < 20; round++) {
      const path = await lockPath()
      const stale = { ...identity, pid: await endedProcess() }
      writeFileSync(path, JSON.stringify({ ...stale, nonce: '0123456789abcdef' }))
      if (round % 2 === 0) writeFileSync(`${path}.0123456789abcdef`, JSON.stringify({ ...stale, nonce: 'aaaaaaaaaaaaaaaa' }))
      const attempts = await Promise.allSettled(Array.from({ length: 12 }, () => TargetLock.take(path, systemClock)))
      const winners = attempts.filter((attempt) => attempt.status === 'fulfilled')
      expect(winners).toHaveLength(1)
      await winners[0]?.value.confirm()
      await winners[0]?.value.release()
      expect(readdirSync(join(path, '..'))).toEqual([])
    }
  })
})

describe('TargetLock on a full disk', () => {
  const full = async (context: TestContext): Promise<{ path: string; filler: string }> => {
    const disk = await temporaryFolder()
    await mountTmpfs(context, disk, 'size=64k')
    const filler = join(disk, 'filler')
    expect(() => writeFileSync(filler, new Uint8Array(128 * 1_024))).toThrow('ENOSPC')
    return { path: join(disk, 'lock'), filler }
  }

  it('is an empty file, held by one and touched while it is', async (context) => {
    const { path, filler } = await full(context)
    const clock = new ManualClock()
    const lock = await TargetLock.take(path, clock)
    expect(readFileSync(path, 'utf8')).toBe('')
    utimesSync(path, new Date(0), new Date(0))
    clock.advance(5_000)
    await until('touched', async () => statSync(path).mtimeMs > 0 || undefined)
    await lock.confirm()
    await expect(TargetLock.take(path, clock)).rejects.toMatchObject({ code: 'BUSY' })
    rmSync(filler)
    clock.advance(5_000)
    await until('written', async () => readFileSync(path, 'utf8') !== '' || undefined)
    await lock.confirm()
    await lock.release()
    expect(readdirSync(join(path, '..'))).toEqual([])
  })

  it('tells a holder that slept that it was replaced, and leaves the new holder alone', async (context) => {
    const { path } = await full(context)
    const sleeper = await TargetLock.take(path, new ManualClock())
    utimesSync(path, new Date(0), new Date(0))
    const next = await taken(path)
    await expect(sleeper.confirm()).rejects.toMatchObject({ code: 'BUSY' })
    await sleeper.release()
    await next.confirm()
    expect(readdirSync(join(path, '..')).sort()).toEqual(['filler', 'lock'])
  })

  it('goes to exactly one of many that find the same stale lock', async (context) => {
    const { path } = await full(context)
    for (let round = 0; round < 10; round++) {
      writeFileSync(path, '')
      utimesSync(path, new Date(0), new Date(0))
      const attempts = await Promise.allSettled(Array.from({ length: 12 }, () => TargetLock.take(path, systemClock)))
      const winners = attempts.filter((attempt) => attempt.status === 'fulfilled')
      expect(winners).toHaveLength(1)
      await winners[0]?.value.release()
    }
  })
})

describe('two fetches to one target', () => {
  it('end with BUSY for the second, also when they are of different torrents', async () => {
    const outDir = await temporaryFolder()
    const store = await openFetch(sampleTorrent([['a', 5]]), outDir)
    onTestFinished(() => store.close())
    await expect(openFetch(sampleTorrent([['a', 5]]), outDir)).rejects.toMatchObject({ code: 'BUSY' })
    await expect(openFetch(sampleTorrent([['b', 6]]), outDir)).rejects.toMatchObject({ code: 'BUSY' })
    const other = await openFetch(sampleTorrent([['b', 6]], { name: 'other' }), outDir)
    await other.close()
  })
})
