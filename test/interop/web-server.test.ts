import { mkdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { noise } from '../app/support/write-files.ts'
import { Child } from '../support/child.ts'
import { differingPaths } from '../support/differing-paths.ts'
import type { DistroProcess } from '../support/distro-process.ts'
import { spawnDistro } from '../support/spawn-distro.ts'
import { stoppedAtEnd } from '../support/stopped-at-end.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { aria2 } from './clients/aria2.ts'
import { isInstalled } from './clients/installed.ts'
import { libtorrent } from './clients/libtorrent.ts'
import { onLoopback } from './content.ts'

const curl = { name: 'curl', probe: ['curl', '--version'] } as const

/** Names that a URL has to encode, files smaller and larger than a piece, and an empty one. */
const trees: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'a tree with odd names': {
    'odd #1? (100%25) & more/ü ß 日本.bin': 300_000,
    "odd #1? (100%25) & more/a+b=c;d@e!$,'[].bin": 70_001,
    '~tilde & 100%25 (1).txt': 1,
    'big file.bin': 5_000_000,
    empty: 0,
  },
  'a folder with one file': { 'only.bin': 1_000_000 },
  'a tree of many small files': Object.fromEntries(
    Array.from({ length: 1_500 }, (_, index) => [`d${index % 7}/f${index}`, (index * 37) % 997]),
  ),
}

/** A seed that serves over HTTP, as a process, and what it published. */
interface Mirror {
  readonly root: string
  readonly url: string
  readonly seed: DistroProcess
  /** Its .torrent, which names the web seed and no peer. */
  readonly torrent: string
  /** Where it lies. */
  readonly content: string
}

async function serve(name: string, files: Readonly<Record<string, number>> | number, format: 'v1' | 'hybrid' = 'hybrid'): Promise<Mirror> {
  const root = await temporaryFolder()
  const content = join(root, 'published', name)
  const entries = typeof files === 'number' ? [['', files] as const] : Object.entries(files)
  for (const [path, sizeBytes] of entries) {
    const file = join(content, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, noise(path, sizeBytes))
  }
  const torrent = join(root, 'it.torrent')
  const words = ['seed', content, '--format', format, '--http', '0', '--torrent-out', torrent]
  const seed = spawnDistro([...words, ...onLoopback(join(root, 'distro'))])
  const [url = ''] = (await seed.event('ready')).http as string[]
  return { root, url, seed, torrent, content }
}

async function run(command: string, words: readonly string[], cwd: string): Promise<readonly string[]> {
  const child = stoppedAtEnd(new Child(command, words, { cwd }))
  expect(await child.exited, child.output).toEqual({ code: 0, signal: null })
  return child.stdout
}

/** The copy is right, and no peer had a part in it. */
async function expectCopy({ content, seed }: Mirror, copy: string): Promise<void> {
  const published = await differingPaths(dirname(content), copy)
  // Clients leave files of their own beside the copy, and those that do not know padding keep it.
  expect(published.filter((path) => !/\.(torrent|aria2|resume)$|\/\.pad(\/\d+)?$/.test(path))).toEqual([])
  expect(seed.events('peer')).toEqual([])
}

const ariaWords = [
  '--no-conf=true',
  '--enable-dht=false',
  '--enable-dht6=false',
  '--bt-enable-lpd=false',
  '--seed-time=0',
  '--file-allocation=none',
]

describe.runIf(isInstalled(libtorrent))('libtorrent', () => {
  test.each(Object.keys(trees))('gets %s from nobody but distro as a web seed', async (what) => {
    // libtorrent 2.0.8 loses pieces that end in padding, whatever server sends them (docs/formats.md).
    const mirror = await serve('the tree #1', trees[what] ?? {}, what === 'a tree of many small files' ? 'v1' : 'hybrid')
    const out = join(mirror.root, 'out')
    await mkdir(out)
    const client = await libtorrent.start({ folder: out, id: mirror.torrent, state: mirror.root })
    await client.finished()
    await expectCopy(mirror, out)
  })

  test('gets a single file from nobody but distro as a web seed', async () => {
    const mirror = await serve('image #1 (50%).iso', 3_000_001)
    const out = join(mirror.root, 'out')
    await mkdir(out)
    const client = await libtorrent.start({ folder: out, id: mirror.torrent, state: mirror.root })
    await client.finished()
    await expectCopy(mirror, out)
  })
})

describe.runIf(isInstalled(aria2))('aria2', () => {
  test.each(Object.keys(trees))('gets %s from nobody but distro as a web seed', async (what) => {
    const mirror = await serve('the tree #1', trees[what] ?? {})
    const out = join(mirror.root, 'out')
    await run('aria2c', [...ariaWords, `--dir=${out}`, mirror.torrent], mirror.root)
    await expectCopy(mirror, out)
  })

  test('gets a single file by the .torrent that distro serves', async () => {
    const mirror = await serve('image.iso', 3_000_001)
    const out = join(mirror.root, 'out')
    await run('aria2c', [...ariaWords, '--follow-torrent=mem', `--dir=${out}`, `${mirror.url}image.iso.torrent`], mirror.root)
    await expectCopy(mirror, out)
  })

  test('gets one file in eight parts at once', async () => {
    const mirror = await serve('image.iso', 12_000_000)
    const out = join(mirror.root, 'out')
    await run('aria2c', [...ariaWords, '-x8', '-s8', '--min-split-size=1M', `--dir=${out}`, `${mirror.url}image.iso`], mirror.root)
    await expectCopy(mirror, out)
  })
})

describe.runIf(isInstalled(curl))('curl', () => {
  const quiet = ['--silent', '--show-error', '--fail']

  test('gets every file of a tree with odd names', async () => {
    const files = trees['a tree with odd names'] ?? {}
    const mirror = await serve('the tree #1', files)
    for (const path of Object.keys(files)) {
      const url = `${mirror.url}${encodeURIComponent('the tree #1')}/${path.split('/').map(encodeURIComponent).join('/')}`
      await run('curl', [...quiet, '--create-dirs', '-o', join('out/the tree #1', path), url], mirror.root)
    }
    await expectCopy(mirror, join(mirror.root, 'out'))
  })

  test('goes on where it was stopped, and asks for nothing but the rest', async () => {
    const mirror = await serve('image.iso', 3_000_001)
    const [copy, url] = [join(mirror.root, 'image.iso'), `${mirror.url}image.iso`]
    await run('curl', [...quiet, '-O', url], mirror.root)
    await truncate(copy, 1_234_567)
    const [told] = await run('curl', [...quiet, '-C', '-', '-O', '-w', '%{http_code} %{size_download}\n', url], mirror.root)
    expect(told).toBe(`206 ${3_000_001 - 1_234_567}`)
    expect((await readFile(copy)).equals(noise('', 3_000_001))).toBe(true)
  })

  test('asks for ranges, for headers alone, and whether something changed', async () => {
    const mirror = await serve('image.iso', 100_000)
    const url = `${mirror.url}image.iso`
    await run('curl', [...quiet, '-r', '50000-50999', '-o', 'part', url], mirror.root)
    expect((await readFile(join(mirror.root, 'part'))).equals(noise('', 100_000).subarray(50_000, 51_000))).toBe(true)
    expect(await run('curl', [...quiet, '-I', url], mirror.root)).toContain('Content-Length: 100000')
    const code = ['-o', 'copy', '-R', '-w', '%{http_code} %{size_download}\n']
    expect(await run('curl', [...quiet, ...code, '--etag-save', 'tag', url], mirror.root)).toEqual(['200 100000'])
    expect(await run('curl', [...quiet, ...code, '--etag-compare', 'tag', url], mirror.root)).toEqual(['304 0'])
    expect(await run('curl', [...quiet, ...code, '-z', 'copy', url], mirror.root)).toEqual(['304 0'])
  })
})
