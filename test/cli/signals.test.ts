import { describe, expect, it } from 'vitest'
import type { SeedResult } from '../../src/app/seed/seed-request.ts'
import { DistroError } from '../../src/base/errors.ts'
import { run } from '../../src/cli/run.ts'
import type { StopSignal } from '../../src/cli/world.ts'
import { fakeVerbs } from './fake-verbs.ts'
import { FakeWorld } from './fake-world.ts'

const hash = 'c12fe1c06bba254a9dc9f519b335aa7c1367a88a'
const seedResult: SeedResult = {
  infoHash: hash,
  name: 'n',
  bytes: 1,
  seconds: 1,
  uploaded: 0,
  copies: 0,
  copiesFromEarlierRuns: 0,
  goalMet: false,
}

/** Runs `words` with verbs that wait for the abort, sends `signals` once the verb runs, and tells how it ended. */
async function interrupted(words: readonly string[], signals: readonly StopSignal[], onAbort: (signal: AbortSignal) => Promise<never>) {
  const world = new FakeWorld()
  let started = (): void => undefined
  const running = new Promise<void>((resolve) => {
    started = resolve
  })
  const wait = async (_request: unknown, _events: unknown, signal: AbortSignal): Promise<never> => {
    started()
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    return onAbort(signal)
  }
  const exit = run(words, world, fakeVerbs({ seed: wait, fetch: wait, info: wait }))
  await running
  for (const signal of signals) world.send(signal)
  return { world, exit }
}

const rejectsWithReason = async (signal: AbortSignal): Promise<never> => Promise.reject(signal.reason)
const hangs = (): Promise<never> => new Promise(() => undefined)

describe('signals', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 143],
  ] as const)('%s stops a fetch with exit code %i, saying so', async (signal, expected) => {
    const { world, exit } = await interrupted(['fetch', hash], [signal], rejectsWithReason)
    expect(await exit).toBe(expected)
    expect(world.err).toMatch(
      new RegExp(
        `^Stopping \\(${signal}\\); a second signal leaves at once\\.\nStopped [^\n]*\\.\n hint: What was verified is kept: run the same command again to go on\\.\n$`,
      ),
    )
    expect(world.listenerCount).toBe(0)
    expect(world.clock.pendingCount).toBe(0)
  })

  it('make a seed without a met goal end with 143, and with 0 when its goal was met', async () => {
    for (const [goalMet, expected] of [
      [false, 143],
      [true, 0],
    ] as const) {
      const { exit } = await interrupted(['seed', 'x'], ['SIGTERM'], async () => ({ ...seedResult, goalMet }) as never)
      expect(await exit).toBe(expected)
    }
  })

  it('make a seed tell what it gave, by zone where it has one', async () => {
    const zones = [{ zone: 'rack-7', relation: 'same', peers: 1, downloadedBytes: 0, uploadedBytes: 2_048 }] as const
    const result = { ...seedResult, name: 'app', bytes: 1_024, seconds: 4, uploaded: 2_048, copies: 2, copiesFromEarlierRuns: 0, zones }
    const { world, exit } = await interrupted(['seed', 'x', '--zone', 'rack-7'], ['SIGINT'], async () => result as never)
    expect(await exit).toBe(130)
    expect(world.err.split('\n').slice(1)).toEqual([
      'seeded app: 1 KiB in 4 s, 2 KiB sent, 2 copies',
      'zones: rack-7 (ours) 0 B in, 2 KiB out',
      'Stopped by SIGINT.',
      '',
    ])
  })

  it('leave a fetch whose tree is in place with 0', async () => {
    const { exit } = await interrupted(['fetch', hash, '--keep-seeding'], ['SIGTERM'], async () => ({ isDryRun: false }) as never)
    expect(await exit).toBe(0)
  })

  it('leave at once the second time, with the code of the second', async () => {
    const { exit } = await interrupted(['fetch', hash], ['SIGTERM', 'SIGINT'], hangs)
    expect(await exit).toBe(130)
  })

  it('leave after 5 s when the verb does not stop', async () => {
    const { world, exit } = await interrupted(['fetch', hash], ['SIGTERM'], hangs)
    world.clock.advance(4_999)
    expect(world.clock.pendingCount).toBe(1)
    world.clock.advance(1)
    expect(await exit).toBe(143)
  })

  it('do not hide what went wrong while stopping', async () => {
    const full = new DistroError('DISK_FULL', 'The disk is full.')
    const { exit } = await interrupted(['fetch', hash], ['SIGTERM'], async () => Promise.reject(full))
    expect(await exit).toBe(6)
  })

  it('take an AbortError of a library for what it is', async () => {
    const { exit } = await interrupted(['fetch', hash], ['SIGINT'], async () => Promise.reject(new DOMException('stop', 'AbortError')))
    expect(await exit).toBe(130)
  })

  it('end with an error event in JSON', async () => {
    const { world, exit } = await interrupted(['fetch', hash, '--json'], ['SIGINT'], rejectsWithReason)
    await exit
    expect(world.records).toMatchObject([{ type: 'error', code: 'INTERRUPTED', exitCode: 130 }])
  })
})
