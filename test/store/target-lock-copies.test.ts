import { statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { TargetLock } from '../../src/store/target-lock.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

// The one thing that stands in for another: no file system without hard links can be mounted without privileges.
vi.mock('node:fs/promises', async (original) => ({
  ...(await original<object>()),
  link: () => Promise.reject(Object.assign(new Error('no hard links here'), { code: 'EPERM' })),
}))

it('the heartbeat reaches the lock where a file system has no hard links', async () => {
  const path = join(await temporaryFolder(), 'lock')
  const clock = new ManualClock()
  const lock = await TargetLock.take(path, clock)
  utimesSync(path, 1, 1)
  clock.advance(5_000)
  await until('heartbeat', async () => statSync(path).mtimeMs > 1_000 || undefined)
  await lock.confirm()
  await expect(TargetLock.take(path, clock)).rejects.toMatchObject({ code: 'BUSY' })
  await lock.release()
  await (await TargetLock.take(path, clock)).release()
})
