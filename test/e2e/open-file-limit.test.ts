import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { writeFiles } from '../app/support/write-files.ts'
import type { DistroProcess } from '../support/distro-process.ts'
import { spawnDistro } from '../support/spawn-distro.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { closedOff } from './support/publication.ts'

const LIMIT = 'the limit of open files, ulimit -n, is reached'
const preload = resolve('test/e2e/support/few-descriptors.cjs')

/** The built command when only `spare` more files may be opened, from its start on or from right before the first call that `at` names. */
function withFew(spare: number, at: string, words: readonly string[]): DistroProcess {
  const env = { NODE_OPTIONS: `--require "${preload}"`, SPARE: String(spare), AT: at }
  return spawnDistro(words, { enter: ['bash', '-c', 'ulimit -n 64; exec "$0" "$@"'], env })
}

/** A tree, its .torrent, and a folder to fetch to. */
async function published(): Promise<{ tree: string; torrent: string; out: string }> {
  const folder = await temporaryFolder()
  const tree = await writeFiles(join(folder, 'tree'), { a: 100_000, 'sub/b': 50_000, 'sub/c': 10 })
  const torrent = join(folder, 'tree.torrent')
  const create = spawnDistro(['create', tree, '-o', torrent])
  expect(await create.exited, create.output).toMatchObject({ code: 0 })
  return { tree, torrent, out: join(folder, 'out') }
}

describe('a limit of open files that is too low', () => {
  test('is told as such wherever seed and fetch come upon it, and is never taken for a bug', async () => {
    const { tree, torrent, out } = await published()
    for (const spare of [1, 2, 4, 8, 11, 12]) {
      const seed = withFew(spare, '', ['seed', tree, '--for', '1s', ...closedOff])
      const fetch = withFew(spare, '', ['fetch', torrent, '--out', `${out}-${spare}`, '--reuse', tree, ...closedOff])
      for (const each of [seed, fetch]) {
        const { code } = await each.exited
        expect(code === 0 || code === 6 || code === 8, each.output).toBe(true)
        if (code === 0) continue
        expect(each.stderr.find((line) => line.startsWith('error: '))).toContain(LIMIT)
        expect(each.stderr.at(-1)).toMatch(/^ hint: Raise it with ulimit -n/)
      }
      const left = await readdir(`${out}-${spare}`).catch(() => [])
      expect(left.filter((name) => name.endsWith('-lock'))).toEqual([])
    }
  })

  test.each([
    ['listen', (tree: string) => ['seed', tree, ...closedOff]],
    ['bind', () => ['dht', '--bind', '127.0.0.1', '--port', '0']],
  ])('ends a verb that cannot listen with exit code 8: %s', async (call, wordsFor) => {
    const { tree } = await published()
    const verb = withFew(0, call, wordsFor(tree))
    expect(await verb.exited, verb.output).toMatchObject({ code: 8 })
    expect(verb.stderr.slice(-2)).toEqual([
      expect.stringMatching(new RegExp(`^error: Cannot listen on .+: ${LIMIT}\\.$`)),
      expect.stringContaining('ulimit -n'),
    ])
  })

  test('is told of a .torrent that cannot be downloaded', async () => {
    const info = withFew(0, 'connect', ['info', 'http://127.0.0.1:1/x.torrent'])
    expect(await info.exited, info.output).toMatchObject({ code: 8 })
    expect(info.stderr.slice(-2)).toEqual([
      `error: http://127.0.0.1:1/x.torrent cannot be read: ${LIMIT}.`,
      expect.stringMatching(/^ hint: Raise it with ulimit -n/),
    ])
  })

  test('is named as the reason for which a peer cannot be reached', async () => {
    const { torrent, out } = await published()
    const fetch = withFew(0, 'connect', ['fetch', torrent, '--out', out, '--peer', '127.0.0.1:1', '--json', ...closedOff])
    await fetch.event('warning', { accepts: ({ message }) => String(message).includes(`cannot be reached: ${LIMIT}`) })
  })

  test('is named where the process that reads the folder of a web seed cannot be started', async () => {
    const { tree, torrent, out } = await published()
    const fetch = withFew(0, 'spawn', ['fetch', torrent, '--out', out, '--web-seed', tree, ...closedOff])
    expect((await fetch.exited).code, fetch.output).toBe(6)
    expect(fetch.stderr.find((line) => line.startsWith('error: '))).toContain(LIMIT)
  })

  test('is named where the command of --on-done cannot be started', async () => {
    const { tree, torrent, out } = await published()
    const fetch = withFew(0, 'spawn', ['fetch', torrent, '--out', out, '--reuse', tree, '--on-done', 'true', ...closedOff])
    expect(await fetch.exited, fetch.output).toMatchObject({ code: 2 })
    expect(fetch.stderr.join('\n')).toContain(`error: The --on-done command could not be started (${LIMIT}).`)
  })
})
