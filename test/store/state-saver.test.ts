import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Bitfield } from '../../src/base/bitfield.ts'
import { MANY_FILES } from '../../src/store/in-batches.ts'
import { decodeResumeState } from '../../src/store/resume-state.ts'
import { StateSaver } from '../../src/store/state-saver.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const infoHash = new Uint8Array(20).fill(1)

async function saving(): Promise<{ saver: StateSaver; clock: ManualClock; verified: Bitfield; folder: string; claimed: () => number[] }> {
  const folder = await temporaryFolder()
  const clock = new ManualClock()
  const verified = new Bitfield(10)
  const path = join(folder, 'state')
  const layout = { spans: () => [], pathOf: (file: number) => join(folder, `f${file}`) }
  const saver = new StateSaver({ clock, layout, path, infoHash, verified, stamps: new Map() })
  const claimed = (): number[] => {
    const state = decodeResumeState(readFileSync(path), infoHash, 10)
    return state.ok ? [...new Array(10).keys()].filter((piece) => state.value.verified.has(piece)) : []
  }
  return { saver, clock, verified, folder, claimed }
}

describe('StateSaver', () => {
  it('claims what was verified and notes how the written files look', async () => {
    const { saver, verified, folder, claimed } = await saving()
    writeFileSync(join(folder, 'f3'), 'abc')
    verified.add(4)
    saver.noteWritten([3])
    await saver.save()
    expect(claimed()).toEqual([4])
    const state = decodeResumeState(readFileSync(join(folder, 'state')), infoHash, 10)
    expect(state.ok && state.value.stamps.get(3)?.lengthBytes).toBe(3)
    expect(existsSync(join(folder, 'state.new'))).toBe(false)
    await saver.stop()
  })

  it('waits two seconds after a piece, once for all pieces that come meanwhile', async () => {
    const { saver, clock } = await saving()
    saver.noteWritten([0])
    saver.noteWritten([1])
    expect(clock.pendingCount).toBe(1)
    clock.advance(2_000)
    expect(clock.pendingCount).toBe(0)
    await saver.stop()
  })

  it('keeps the old state when a save fails and includes what it missed in the next', async () => {
    const { saver, verified, folder, claimed } = await saving()
    verified.add(1)
    await saver.save()
    verified.add(2)
    saver.noteWritten([7])
    await saver.save()
    expect(claimed()).toEqual([1])
    writeFileSync(join(folder, 'f7'), '')
    await saver.save()
    expect(claimed()).toEqual([1, 2])
    await saver.stop()
  })

  it('notes how each of many files looks', async () => {
    const { saver, verified, folder, claimed } = await saving()
    const files = [...new Array(MANY_FILES).keys()]
    for (const file of files) writeFileSync(join(folder, `f${file}`), 'x'.repeat(file % 9))
    verified.add(3)
    saver.noteWritten(files)
    await saver.save()
    expect(claimed()).toEqual([3])
    const state = decodeResumeState(readFileSync(join(folder, 'state')), infoHash, 10)
    expect(files.map((file) => state.ok && state.value.stamps.get(file)?.lengthBytes)).toEqual(files.map((file) => file % 9))
    await saver.stop()
  })

  it('does not save by itself after it was told to pause, until more is written', async () => {
    const { saver, clock } = await saving()
    saver.noteWritten([0])
    saver.pause()
    expect(clock.pendingCount).toBe(0)
    saver.noteWritten([1])
    expect(clock.pendingCount).toBe(1)
    await saver.stop()
  })

  it('survives a place where nothing can be written', async () => {
    const { saver, folder } = await saving()
    mkdirSync(join(folder, 'state'))
    await expect(saver.save()).resolves.toBeUndefined()
    await saver.stop()
  })

  it('saves nothing after it was stopped', async () => {
    const { saver, clock, folder } = await saving()
    await saver.save()
    rmSync(join(folder, 'state'))
    await saver.stop()
    saver.noteWritten([0])
    clock.advance(10_000)
    await saver.save()
    expect(existsSync(join(folder, 'state'))).toBe(false)
    expect(clock.pendingCount).toBe(0)
  })
})
