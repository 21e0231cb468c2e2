import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../src/base/system-clock.ts'
import type { DigestReply, ExpectedDigest, StoreJob, StoreReply } from '../../src/store/hash-jobs.ts'
import { bulkWorkers, HashPool, type HashPoolOptions, type LostReply, transferWorkers } from '../../src/store/hash-pool.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const mortalWorker = new URL('./mortal-worker.mjs', import.meta.url)

function poolOf(options: Partial<HashPoolOptions> = {}): HashPool {
  const pool = new HashPool({ clock: systemClock, workers: 2, ...options })
  onTestFinished(() => pool.close())
  return pool
}

const sha1 = (bytes: Uint8Array): ExpectedDigest => {
  const digest = createHash('sha1').update(bytes).digest()
  return { digest, leafCount: 0, zerosBehindBytes: 0 }
}
const storeJob = (parts: Partial<StoreJob> = {}): StoreJob => ({
  kind: 'store',
  offsetBytes: 0,
  lengthBytes: 8,
  expected: undefined,
  wantDigests: false,
  spans: [],
  ...parts,
})
const store = (pool: HashPool, job = storeJob()): Promise<StoreReply | LostReply> => new Promise((resolve) => pool.store(job, resolve))
const digest = (pool: HashPool, path: string): Promise<DigestReply | LostReply> =>
  new Promise((resolve) =>
    pool.digest({ kind: 'digest', pieceLengthBytes: 16, spans: [{ path, position: 0, lengthBytes: 16, stamp: undefined }] }, resolve),
  )
const mortalMemory = (deaths: number): Uint8Array => {
  const memory = new Uint8Array(new SharedArrayBuffer(8))
  memory[0] = deaths
  return memory
}

describe('HashPool', () => {
  it('leaves one core to the sockets while a transfer runs and uses all of them otherwise', () => {
    expect([1, 2, 4, 5, 64].map(transferWorkers)).toEqual([1, 1, 3, 4, 4])
    expect([1, 2, 64].map(bulkWorkers)).toEqual([1, 2, 64])
  })

  it('hashes with a worker that was started before there was work, and ends it when nothing came', async () => {
    const memory = new Uint8Array(new SharedArrayBuffer(8))
    const pool = poolOf({ memory })
    pool.warm()
    pool.warm()
    const expected = sha1(memory)
    expect(await store(pool, storeJob({ expected }))).toEqual({ kind: 'stored', blockDigests: undefined })
    const idle = poolOf()
    idle.warm()
    await idle.close()
    idle.warm()
    expect(idle.pendingCount).toBe(0)
  })

  it('hashes what is in the shared memory and what is on disk', async () => {
    const memory = new Uint8Array(new SharedArrayBuffer(64))
    memory.fill(5, 16, 24)
    const pool = poolOf({ memory })
    const expected = sha1(new Uint8Array(8).fill(5))
    expect(await store(pool, storeJob({ offsetBytes: 16, expected }))).toEqual({ kind: 'stored', blockDigests: undefined })
    expect((await store(pool, storeJob({ offsetBytes: 0, expected }))).kind).toBe('corrupt')
    const path = join(await temporaryFolder(), 'file')
    writeFileSync(path, new Uint8Array(16).fill(6))
    const reply = await digest(pool, path)
    expect(reply.kind === 'digested' && Buffer.from(reply.digests)).toEqual(createHash('sha1').update(new Uint8Array(16).fill(6)).digest())
  })

  it('bears a job of 200,000 files', { timeout: 30_000 }, async () => {
    const folder = await temporaryFolder()
    const pool = new HashPool({ clock: systemClock, workers: 1 })
    onTestFinished(() => pool.close())
    const stamp = { lengthBytes: 1, mtimeNs: 2n ** 60n, ctimeNs: 2n ** 60n, inode: 2n ** 40n }
    const spans = Array.from({ length: 200_000 }, (_, index) => ({
      path: join(folder, 'a-folder-that-is-not-there', `some-file-with-a-name-${index}`),
      position: 0,
      lengthBytes: 1,
      stamp,
    }))
    const reply = await new Promise<DigestReply | LostReply>((resolve) =>
      pool.digest({ kind: 'digest', pieceLengthBytes: 2 ** 24, spans }, resolve),
    )
    expect(reply.kind === 'digested' ? reply.faults.length : reply.error).toBe(200_000)
  })

  it('answers many jobs, each its own', async () => {
    const memory = new Uint8Array(new SharedArrayBuffer(800))
    for (let index = 0; index < 100; index++) memory.fill(index, index * 8, index * 8 + 8)
    const pool = poolOf({ memory })
    const jobs = Array.from({ length: 100 }, (_, index) =>
      store(pool, storeJob({ offsetBytes: index * 8, wantDigests: true, expected: sha1(new Uint8Array(8).fill(index)) })),
    )
    const replies = await Promise.all(jobs)
    replies.forEach((reply, index) => {
      const expected = createHash('sha1').update(new Uint8Array(8).fill(index)).digest()
      expect(reply.kind === 'stored' && Buffer.from(reply.blockDigests ?? [])).toEqual(expected)
    })
  })

  it('replaces a worker that dies and does its jobs again', async () => {
    const pool = poolOf({ memory: mortalMemory(1), workerUrl: mortalWorker, workers: 1 })
    const replies = await Promise.all([store(pool), store(pool), store(pool)])
    expect(replies.map((reply) => reply.kind)).toEqual(['stored', 'stored', 'stored'])
  })

  it('answers every job as lost when a worker dies twice within a minute', async () => {
    const pool = poolOf({ memory: mortalMemory(2), workerUrl: mortalWorker, workers: 1 })
    const replies = await Promise.all([store(pool), store(pool)])
    for (const reply of replies) expect(reply).toMatchObject({ kind: 'lost', error: { code: 'INTERNAL' } })
    expect(await store(pool)).toMatchObject({ kind: 'lost', error: { code: 'INTERNAL' } })
  })

  it('says so where no worker can be started because no more files may be opened', async () => {
    const pool = poolOf({ workerUrl: new URL('./worker-without-files.mjs', import.meta.url), workers: 1 })
    expect(await store(pool)).toMatchObject({
      kind: 'lost',
      error: { code: 'DISK_FAILED', message: 'Cannot start a thread for hashing: the limit of open files, ulimit -n, is reached.' },
    })
  })

  it('forgives a death after a minute', async () => {
    const clock = new ManualClock()
    const memory = mortalMemory(1)
    const pool = poolOf({ memory, workerUrl: mortalWorker, workers: 1, clock })
    expect((await store(pool)).kind).toBe('stored')
    clock.advance(60_001)
    memory[0] = 1
    expect((await store(pool)).kind).toBe('stored')
    memory[0] = 1
    expect((await store(pool)).kind).toBe('lost')
  })

  it('says so when its worker program is missing', async () => {
    const pool = poolOf({ workerUrl: new URL('./absent.mjs', import.meta.url), workers: 1 })
    const reply = await store(pool)
    expect(reply).toMatchObject({ kind: 'lost', error: { code: 'INTERNAL' } })
    expect(reply.kind === 'lost' && String(reply.error.cause)).toContain('absent.mjs')
  })

  it('finishes the jobs under way before it closes and takes none afterwards', async () => {
    const pool = poolOf({ memory: new Uint8Array(new SharedArrayBuffer(64)) })
    const jobs = [store(pool), store(pool), store(pool)]
    await pool.close()
    expect((await Promise.all(jobs)).map((reply) => reply.kind)).toEqual(['stored', 'stored', 'stored'])
    expect((await store(pool)).kind).toBe('lost')
    expect(pool.pendingCount).toBe(0)
  })

  it('closes at once when it never had work', async () => {
    await expect(poolOf().close()).resolves.toBeUndefined()
  })
})
