import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { createInterface } from 'node:readline'
import { build } from 'esbuild'
import { describe, expect, it, onTestFinished } from 'vitest'
import { piecesIn } from '../../src/store/right-pieces.ts'
import { stagingPaths } from '../../src/store/staging.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { changeByte } from './change-byte.ts'
import { commitMissing, commitPieces, openFetch } from './driven-store.ts'
import { killedSample } from './killed-sample.ts'
import { publishedTree } from './published-tree.ts'
import { sampleTorrent, treeOf } from './sample-torrent.ts'

const sample = sampleTorrent([
  ['a', 50_000],
  ['dir/b', 60_000],
  ['c', 40_000],
])

/** A staging directory in which pieces 0 to 4 are stored; the fetch ended in order. */
async function interrupted(): Promise<{ outDir: string; content: string; state: string }> {
  const outDir = await temporaryFolder()
  const store = await openFetch(sample, outDir)
  await commitPieces(store, sample, [0, 1, 2, 3, 4])
  await store.close()
  return stagingPaths(outDir, sample.info, sample.infoHash)
}

async function reopened(outDir: string): Promise<{ how: string; pieces: number[] }> {
  const store = await openFetch(sample, outDir)
  const result = { how: store.resumed, pieces: piecesIn(store.verified) }
  await store.close()
  return result
}

describe('a fetch that goes on', () => {
  it('believes the state file when nothing changed and finishes with the rest', async () => {
    const { outDir } = await interrupted()
    expect(await reopened(outDir)).toEqual({ how: 'believed', pieces: [0, 1, 2, 3, 4] })
    const store = await openFetch(sample, outDir)
    await commitMissing(store, sample)
    const path = await store.place()
    await store.close()
    expect(treeOf(path)).toEqual(await publishedTree(sample))
  })

  it.each<[string, (paths: { content: string; state: string }) => void, number[]]>([
    ['the state file is gone', ({ state }) => rmSync(state), [0, 1, 2, 3, 4]],
    ['the state file is empty', ({ state }) => truncateSync(state), [0, 1, 2, 3, 4]],
    ['a file was touched', ({ content }) => utimesSync(join(content, 'a'), 1, 1), [0, 1, 2, 3, 4]],
    ['a file was cut', ({ content }) => truncateSync(join(content, 'a'), 20_000), [0, 4]],
    ['a file is gone', ({ content }) => rmSync(join(content, 'a')), [4]],
    ['a file is longer than it should be', ({ content }) => writeFileSync(join(content, 'a'), 'x', { flag: 'a' }), [0, 1, 2, 3, 4]],
    ['a byte was changed', ({ content }) => changeByte(join(content, 'a'), 20_000), [0, 2, 3, 4]],
  ])('checks everything when %s', async (_what, spoil, pieces) => {
    const { outDir, content, state } = await interrupted()
    spoil({ content, state })
    expect(await reopened(outDir)).toEqual({ how: 'checked', pieces })
  })

  it('does not believe a state whose claims a sample shows to be false', async () => {
    const { outDir, content, state } = await interrupted()
    const path = join(content, 'a')
    // The state is forged: the bytes of a changed file, with the checksum put right and the stamps of the file as it is now.
    const first = await openFetch(sample, outDir)
    await first.close()
    writeFileSync(path, new Uint8Array(statSync(path).size))
    expect((await reopened(outDir)).how).toBe('checked')
    const honest = readFileSync(state)
    const bitfieldAt = 16 + 20 + 8
    honest[bitfieldAt] = 0xff
    createHash('sha256')
      .update(honest.subarray(0, -32))
      .digest()
      .copy(honest, honest.length - 32)
    writeFileSync(state, honest)
    expect(await reopened(outDir)).toEqual({ how: 'checked', pieces: [4] })
  })

  it('never believes a state file in which one bit flipped, and loses nothing by it', async () => {
    const { outDir, state } = await interrupted()
    const bytes = readFileSync(state)
    for (let at = 0; at < bytes.length; at += 7) {
      const flipped = Buffer.from(bytes)
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8))
      writeFileSync(state, flipped)
      expect(await reopened(outDir)).toEqual({ how: 'checked', pieces: [0, 1, 2, 3, 4] })
    }
  })

  it('tells how far the check of what is there has come', async () => {
    const { outDir, state } = await interrupted()
    rmSync(state)
    const seen: number[][] = []
    const store = await openFetch(sample, outDir, { onCheck: (done, total) => seen.push([done, total]) })
    await store.close()
    expect(seen.at(-1)).toEqual([5 * 16_384, 5 * 16_384])
  })

  it('keeps what is there when the check is aborted', async () => {
    const { outDir, state, content } = await interrupted()
    rmSync(state)
    const reason = new Error('stop')
    await expect(openFetch(sample, outDir, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(existsSync(content)).toBe(true)
    expect((await reopened(outDir)).pieces).toEqual([0, 1, 2, 3, 4])
  })

  it('writes the state at most every two seconds', async () => {
    const outDir = await temporaryFolder()
    const clock = new ManualClock()
    const store = await openFetch(sample, outDir, { clock })
    const { state, dir } = stagingPaths(outDir, sample.info, sample.infoHash)
    await commitPieces(store, sample, [0, 1])
    clock.advance(1_999)
    expect(readdirSync(dir)).toEqual(['content'])
    clock.advance(1)
    // The save that is under way is waited for by the one at the end, which has nothing new to say.
    await store.close()
    expect(existsSync(state)).toBe(true)
    expect(await reopened(outDir)).toEqual({ how: 'believed', pieces: [0, 1] })
  })
})

describe('a fetch that is killed with SIGKILL', () => {
  it('finds every piece again that it had stored, and ends with the published tree', { timeout: 120_000 }, async () => {
    const program = await bundledChild()
    const outDir = await temporaryFolder()
    const published = await publishedTree(killedSample)
    const stored = new Set<number>()
    for (const killAfter of [1, 0, 2, 3, 5, 8, 4, 1_000]) {
      const child = spawn(execPath, [program, outDir], { stdio: ['ignore', 'pipe', 'inherit'] })
      onTestFinished(() => void child.kill('SIGKILL'))
      const lines = await linesUntilKilled(child, killAfter)
      const found = new Set(lines[0]?.replace('found ', '').split(',').filter(Boolean).map(Number))
      expect([...stored].filter((piece) => !found.has(piece))).toEqual([])
      for (const line of lines.slice(1)) if (line.startsWith('stored')) stored.add(Number(line.slice(7)))
      if (lines.at(-1) !== 'placed') expect(existsSync(join(outDir, 'sample'))).toBe(false)
    }
    expect(treeOf(join(outDir, 'sample'))).toEqual(published)
    expect(readdirSync(outDir)).toEqual(['sample'])
  })

  it('shows the old tree or the new one, wherever in the placement the kill comes', { timeout: 120_000 }, async () => {
    const program = await bundledChild()
    const pieces = (killedSample.info.pieceHashes?.length ?? 0) / 20
    const published = await publishedTree(killedSample)
    const outDir = await temporaryFolder()
    const target = join(outDir, 'sample')
    for (const isThereBefore of [false, true, false, true]) {
      rmSync(target, { recursive: true, force: true })
      if (isThereBefore) mkdirSync(join(target, 'old'), { recursive: true })
      const child = spawn(execPath, [program, outDir], { stdio: ['ignore', 'pipe', 'inherit'] })
      onTestFinished(() => void child.kill('SIGKILL'))
      await linesUntilKilled(child, pieces)
      // Between the two renames of a swap there is no target; the next fetch puts the old tree back before anything else.
      if (existsSync(target) && !existsSync(join(target, 'old'))) expect(treeOf(target)).toEqual(published)
      const store = await openFetch(killedSample, outDir, { overwrite: true })
      await commitMissing(store, killedSample)
      await store.place()
      await store.close()
      expect(treeOf(target)).toEqual(published)
      expect(readdirSync(outDir)).toEqual(['sample'])
    }
  })
})

/** The lines of a child that is killed once it stored `killAfter` pieces, or that ends by itself. */
async function linesUntilKilled(child: ChildProcess, killAfter: number): Promise<string[]> {
  const lines: string[] = []
  const ended = new Promise((resolve) => child.once('close', resolve))
  if (child.stdout !== null) {
    for await (const line of createInterface(child.stdout)) {
      lines.push(line)
      if (lines.length === killAfter + 1) child.kill('SIGKILL')
    }
  }
  await ended
  return lines
}

async function bundledChild(): Promise<string> {
  const outdir = await temporaryFolder()
  const path = (relative: string): string => new URL(relative, import.meta.url).pathname
  const entryPoints = [path('./fetch-child.ts'), path('../../src/store/hash-worker.ts')]
  await build({
    entryPoints,
    outdir,
    entryNames: '[name]',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
  })
  copyFileSync(join(outdir, 'hash-worker.mjs'), join(outdir, 'hash-worker.js'))
  writeFileSync(join(outdir, 'package.json'), '{"type":"module"}')
  return join(outdir, 'fetch-child.mjs')
}
