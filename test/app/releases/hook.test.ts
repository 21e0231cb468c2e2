import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { DoneEvent, SwitchedEvent } from '../../../src/app/events.ts'
import { runHook } from '../../../src/app/releases/hook.ts'
import { DistroError } from '../../../src/base/errors.ts'
import { HeldCommand } from '../../support/held-command.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const bySource = { peers: 1, webSeeds: 0, local: 0 }
const fields: DoneEvent = { path: '/srv/app', infoHash: 'aa', name: 'app', bytes: 1, seconds: 1, downloaded: 1, uploaded: 0, bySource }
const done = { type: 'done', fields } as const
const switched: SwitchedEvent = {
  verb: 'rollback',
  dir: '/srv',
  current: '/srv/current',
  release: 'app-aa',
  path: '/srv/app-aa',
  previous: 'app-bb',
  infoHash: 'aa',
  name: 'app',
  bytes: 1,
}
const env = { PATH: process.env.PATH }
const never = new AbortController().signal

describe('runHook', () => {
  it('gives the command one line of JSON on its stdin', async () => {
    const file = join(await temporaryFolder(), 'out')
    await runHook(`cat > '${file}'`, done, env, never)
    const [line = '', ...rest] = (await readFile(file, 'utf8')).split('\n')
    expect(rest).toEqual([''])
    const { time, ...told } = JSON.parse(line) as Record<string, unknown>
    expect(told).toEqual({ type: 'done', ...fields })
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
  })

  it('bears a command that does not read, however much there is to say', async () => {
    const zones = Array.from(
      { length: 5_000 },
      () => ({ zone: 'z', relation: 'other', peers: 1, downloadedBytes: 1, uploadedBytes: 1 }) as const,
    )
    await runHook('exec <&-; exit 0', { type: 'done', fields: { ...fields, zones } }, env, never)
  })

  it('tells the command of a switch what was switched', async () => {
    const file = join(await temporaryFolder(), 'out')
    const names = ['PATH', 'INFO_HASH', 'NAME', 'BYTES', 'VERB', 'RELEASE', 'PREVIOUS', 'CURRENT', 'RELEASES_DIR']
    const command = `for name in ${names.join(' ')}; do eval "echo \\"\\$DISTRO_$name\\""; done > '${file}'; cat >> '${file}'`
    await runHook(command, { type: 'switched', fields: switched }, env, never)
    const lines = (await readFile(file, 'utf8')).split('\n')
    expect(lines.slice(0, names.length)).toEqual(['/srv/app-aa', 'aa', 'app', '1', 'rollback', 'app-aa', 'app-bb', '/srv/current', '/srv'])
    expect(JSON.parse(lines[names.length] ?? '')).toMatchObject({ type: 'switched', ...switched })
    const bare = { ...switched, previous: null, infoHash: null, bytes: null }
    const isEmpty = 'test -z "$DISTRO_PREVIOUS$DISTRO_INFO_HASH$DISTRO_BYTES"'
    await runHook(isEmpty, { type: 'switched', fields: bare }, { ...env, DISTRO_PREVIOUS: 'of another run' }, never)
  })

  it('keeps what the environment says and adds the facts', async () => {
    const file = join(await temporaryFolder(), 'out')
    await runHook(`echo "$OTHER $DISTRO_NAME" > '${file}'`, done, { ...env, OTHER: 'kept', DISTRO_NAME: 'replaced' }, never)
    expect(await readFile(file, 'utf8')).toBe('kept app\n')
  })

  it('rejects with HOOK_FAILED when the command fails', async () => {
    await expect(runHook('exit 7', done, env, never)).rejects.toMatchObject({
      code: 'HOOK_FAILED',
      message: expect.stringContaining('7'),
    })
    const failure = runHook('exit 7', { type: 'switched', fields: switched }, env, never)
    await expect(failure).rejects.toMatchObject({ message: 'The --on-switch command ended with exit code 7.' })
    await expect(runHook('no-such-program-here 2>/dev/null', done, env, never)).rejects.toMatchObject({ code: 'HOOK_FAILED' })
  })

  it.each([
    [switched, 'distro rollback /srv --to app-aa with --on-switch runs it again; distro rollback /srv --to app-bb goes back.'],
    [{ ...switched, verb: 'fetch' }, 'The same fetch with --on-switch runs it again; distro rollback /srv --to app-bb goes back.'],
    [{ ...switched, verb: 'fetch', previous: null }, 'The same fetch with --on-switch runs it again.'],
    [{ ...switched, dir: "/the app's" }, `distro rollback '/the app'\\''s' --to app-aa with --on-switch runs it again; `],
  ] as const)('says after a failed switch command how to run it again and how to go back, %#', async (told, hint) => {
    const failure = runHook('exit 7', { type: 'switched', fields: told }, env, never)
    await expect(failure).rejects.toMatchObject({ hint: expect.stringContaining(hint) })
  })

  it('rejects with HOOK_FAILED when there is more to tell than an environment may hold', async () => {
    const huge = { type: 'done', fields: { ...fields, name: 'n'.repeat(4_000_000) } } as const
    await expect(runHook('true', huge, env, never)).rejects.toMatchObject({
      code: 'HOOK_FAILED',
      message: expect.stringContaining('could not be started'),
    })
  })

  it('does not begin the command once it is stopped', async () => {
    const file = join(await temporaryFolder(), 'started')
    const stopped = AbortSignal.abort(new DistroError('TERMINATED', 'Stopped.'))
    await expect(runHook(`echo > '${file}'`, done, env, stopped)).rejects.toMatchObject({ code: 'TERMINATED' })
    await expect(readFile(file)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('ends the command when it is stopped, and rejects with the reason', async () => {
    const held = await HeldCommand.make()
    const controller = new AbortController()
    const running = runHook(held.line, done, env, controller.signal)
    const outcome = expect(running).rejects.toMatchObject({ code: 'TERMINATED' })
    await held.isHeld
    controller.abort(new DistroError('TERMINATED', 'Stopped.'))
    await outcome
  })
})
