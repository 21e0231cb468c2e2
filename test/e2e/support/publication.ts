import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { expect } from 'vitest'
import { noise } from '../../app/support/write-files.ts'
import { differingPaths } from '../../support/differing-paths.ts'
import type { DistroProcess } from '../../support/distro-process.ts'
import { spawnDistro } from '../../support/spawn-distro.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { serveContent } from '../../web-seed/support/serve-content.ts'
import type { Answer } from '../../web-seed/support/web-server.ts'

/** Nobody is found but who is named. */
export const closedOff: readonly string[] = ['--bind', '127.0.0.1', '--port', '0', '--no-lsd', '--no-dht']

/** Content with its .torrent, and how to fetch it. */
export interface Publication {
  readonly root: string
  /** What was published: a file or a folder. */
  readonly content: string
  readonly torrent: string
  /** The state folder of everything that is started here. */
  readonly state: string
  /** Answers as a good mirror does that has the content below its root. */
  readonly answer: Answer
  /** Starts to fetch it, each time into another folder. */
  fetch(words: readonly string[], options?: FetchOptions): DistroProcess
  /** Waits for a fetch to end well; its copy is right. */
  expectCopy(fetch: DistroProcess): Promise<void>
}

/** How a fetch is started. */
export interface FetchOptions {
  /** What to fetch in place of the .torrent. */
  readonly id?: string
  readonly env?: NodeJS.ProcessEnv
}

/** Publishes one file of so many bytes, or a folder of files by their paths; `words` go to `distro create`. */
export async function publication(
  name: string,
  files: number | Readonly<Record<string, number>>,
  words: readonly string[] = [],
): Promise<Publication> {
  const root = await temporaryFolder()
  const home = join(root, 'published')
  const content = join(home, name)
  for (const [path, sizeBytes] of typeof files === 'number' ? [['', files] satisfies [string, number]] : Object.entries(files)) {
    await mkdir(dirname(join(content, path)), { recursive: true })
    await writeFile(join(content, path), noise(path, sizeBytes))
  }
  const torrent = join(root, 'it.torrent')
  const state = join(root, 'state')
  const create = spawnDistro(['create', content, '-o', torrent, ...words])
  expect(await create.exited, create.output).toEqual({ code: 0, signal: null })
  const folders = new Map<DistroProcess, string>()
  return {
    root,
    content,
    torrent,
    state,
    answer: await mirror(home),
    fetch(more, { id = torrent, env = {} } = {}) {
      const out = join(root, `out-${folders.size}`)
      const all = ['fetch', id, '--out', out, '--json', ...closedOff, '--state-dir', state, ...more]
      const fetch = spawnDistro(all, { env: { HOME: root, ...env } })
      folders.set(fetch, out)
      return fetch
    },
    async expectCopy(fetch) {
      expect(await fetch.exited, fetch.output).toEqual({ code: 0, signal: null })
      const copy = join(folders.get(fetch) ?? '', basename(content))
      if (typeof files !== 'number') expect(await differingPaths(content, copy)).toEqual([])
      else expect((await readFile(copy)).equals(await readFile(content))).toBe(true)
    },
  }
}

/** A path that nobody takes for one with a query. */
function withoutQuery(path: string): string {
  return path.replaceAll('?', '\0')
}

async function mirror(home: string): Promise<Answer> {
  const entries = await readdir(home, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const files = await Promise.all(paths.map(async (path) => [withoutQuery(`/${relative(home, path)}`), await readFile(path)] as const))
  const answer = serveContent(Object.fromEntries(files))
  return (request, response) => {
    request.url = withoutQuery(decodeURIComponent((request.url ?? '').split('?')[0] ?? ''))
    answer(request, response)
  }
}
