import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/system-clock.ts'
import { pointCurrent, readCurrent } from '../../src/store/current-link.ts'
import { oweSwitch, settleSwitch } from '../../src/store/owed-switches.ts'
import { writeHistory } from '../../src/store/release-history.ts'
import { rollBack } from '../../src/store/roll-back.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const names = ['app-1-aaaa', 'app-2', 'app-2-bbbb', 'app-3-cccc', 'app-3-cdcd']

/** A folder of releases whose current one is the last. */
async function releases(): Promise<string> {
  const dir = await temporaryFolder()
  for (const name of names) await mkdir(join(dir, name))
  await writeHistory(
    dir,
    names.map((name) => ({ name, title: 'app', infoHash: null, bytes: null })),
  )
  await pointCurrent(dir, 'app-3-cdcd')
  return dir
}

describe('rollBack', () => {
  it.each([
    ['app-1-aaaa', 'app-1-aaaa'],
    ['app-1', 'app-1-aaaa'],
    ['app-2', 'app-2'],
    ['app-2-', 'app-2-bbbb'],
    ['app-3-cc', 'app-3-cccc'],
  ])('to %s switches to %s', async (to, name) => {
    const dir = await releases()
    await rollBack({ dir, to, clock: systemClock }, () => undefined)
    expect(await readCurrent(dir)).toBe(name)
  })

  it('passes over a release that was removed and is just being fetched again', async () => {
    const dir = await temporaryFolder()
    const [whole, unfinished, current] = ['app-1', 'app-2', 'app-3'] as const
    for (const name of [whole, unfinished, current]) await mkdir(join(dir, name))
    for (const name of [whole, current]) await writeFile(join(dir, name, 'app'), name)
    await mkdir(join(dir, unfinished, '.app.distro-0123456789abcdef'))
    await writeFile(join(dir, unfinished, '.app.distro-lock'), '')
    await writeHistory(
      dir,
      [whole, unfinished, current].map((name) => ({ name, title: 'app', infoHash: 'a'.repeat(40), bytes: 5 })),
    )
    await pointCurrent(dir, current)
    const to = (name: string | undefined) => rollBack({ dir, to: name, clock: systemClock }, () => undefined)
    await expect(to(unfinished)).rejects.toMatchObject({ code: 'INPUT_MISSING' })
    await to(undefined)
    expect(await readCurrent(dir)).toBe(whole)
  })

  it('that was killed in its command is run to its end before one goes further back', async () => {
    const dir = await releases()
    const flips: [string, string | null, boolean][] = []
    const back = (to?: string) =>
      rollBack({ dir, to, runsHook: true, clock: systemClock }, ({ release, previous, isOwed = false }) =>
        flips.push([release.name, previous, isOwed]),
      )
    await back()
    await back()
    await settleSwitch(dir, 'app-3-cccc', systemClock)
    await back('app-1-aaaa')
    await back()
    expect(flips).toEqual([
      ['app-3-cccc', 'app-3-cdcd', false],
      ['app-3-cccc', 'app-3-cdcd', true],
      ['app-1-aaaa', 'app-3-cccc', false],
      ['app-1-aaaa', 'app-3-cccc', true],
    ])
  })

  it('leaves a release to which a fetch switched, though its command did not succeed', async () => {
    const dir = await releases()
    await oweSwitch(dir, { release: 'app-3-cdcd', previous: 'app-3-cccc' }, 'app-3-cccc')
    await rollBack({ dir, to: undefined, runsHook: true, clock: systemClock }, () => undefined)
    expect(await readCurrent(dir)).toBe('app-3-cccc')
  })

  it.each([
    ['app-3', 'has several releases that start with "app-3".', 'those that are there: app-3-cccc, app-3-cdcd.'],
    ['app-4', 'has no release "app-4".', `those that are there: ${names.join(', ')}.`],
    ['', 'has no release "".', 'app-1-aaaa'],
  ])('to "%s" changes nothing and names what could be meant', async (to, message, hint) => {
    const dir = await releases()
    await expect(rollBack({ dir, to, clock: systemClock }, () => undefined)).rejects.toMatchObject({
      code: 'INPUT_MISSING',
      message: expect.stringContaining(message),
      hint: expect.stringContaining(hint),
    })
    expect(await readCurrent(dir)).toBe('app-3-cdcd')
  })
})
