import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startOnDone } from '../../src/app/on-done.ts'
import { DistroError } from '../../src/base/errors.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

const bySource = { peers: 1, webSeeds: 0, local: 0 }
const done = { path: '/srv/app', infoHash: 'aa', name: 'app', bytes: 1, seconds: 1, downloaded: 1, uploaded: 0, bySource }
const env = { PATH: process.env.PATH }
const never = new AbortController().signal

describe('startOnDone', () => {
  it('resolves when the command succeeds, and gives it no stdin', async () => {
    await startOnDone('cat', done, env, never)
  })

  it('keeps what the environment says and adds the facts', async () => {
    const file = join(await temporaryFolder(), 'out')
    await startOnDone(`echo "$OTHER $DISTRO_NAME" > '${file}'`, done, { ...env, OTHER: 'kept', DISTRO_NAME: 'replaced' }, never)
    expect(await readFile(file, 'utf8')).toBe('kept app\n')
  })

  it('rejects with HOOK_FAILED when the command fails', async () => {
    await expect(startOnDone('exit 7', done, env, never)).rejects.toMatchObject({
      code: 'HOOK_FAILED',
      message: expect.stringContaining('7'),
    })
    await expect(startOnDone('no-such-program-here 2>/dev/null', done, env, never)).rejects.toMatchObject({ code: 'HOOK_FAILED' })
  })

  it('does not begin the command once it is stopped', async () => {
    const file = join(await temporaryFolder(), 'started')
    const stopped = AbortSignal.abort(new DistroError('TERMINATED', 'Stopped.'))
    await expect(startOnDone(`echo > '${file}'`, done, env, stopped)).rejects.toMatchObject({ code: 'TERMINATED' })
    await expect(readFile(file)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('ends the command when it is stopped, and rejects with the reason', async () => {
    const file = join(await temporaryFolder(), 'started')
    const controller = new AbortController()
    const running = startOnDone(`echo > '${file}'; exec sleep 60`, done, env, controller.signal)
    const outcome = expect(running).rejects.toMatchObject({ code: 'TERMINATED' })
    await until('start of the command', () => readFile(file))
    controller.abort(new DistroError('TERMINATED', 'Stopped.'))
    await outcome
  })
})
