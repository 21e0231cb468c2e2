import { mkdir, readdir, readlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { noise } from '../../app/support/write-files.ts'
import { differingPaths } from '../../support/differing-paths.ts'
import type { DistroProcess } from '../../support/distro-process.ts'
import { spawnDistro } from '../../support/spawn-distro.ts'
import { closedOff } from './publication.ts'

/** One published release. */
export interface PublishedRelease {
  readonly torrent: string
  /** The tree or file as it was published. */
  readonly content: string
  readonly infoHash: string
  /** The name of its folder among the releases. */
  readonly name: string
}

/** Publishes a tree or a single file called `app` below `root`; what is in it differs by `version`. */
export async function publishRelease(root: string, version: string, isSingleFile = false): Promise<PublishedRelease> {
  const home = join(root, `published-${version}`)
  const content = join(home, 'app')
  if (isSingleFile) {
    await mkdir(home, { recursive: true })
    await writeFile(content, noise(version, 70_000))
  } else {
    await mkdir(join(content, 'lib'), { recursive: true })
    await writeFile(join(content, 'version'), version)
    // Two files: under a limit there is a pause between them, whichever comes first.
    for (const path of ['lib/code', 'lib/data']) await writeFile(join(content, path), noise(`${version} ${path}`, 35_000))
  }
  const torrent = join(root, `${version}.torrent`)
  const create = spawnDistro(['create', content, '-o', torrent, '--json'])
  const infoHash = String((await create.event('done')).infoHash)
  await create.exited
  return { torrent, content, infoHash, name: `app-${infoHash.slice(0, 12)}` }
}

/** A folder of releases on one host. */
export class ReleasesFolder {
  readonly root: string
  readonly dir: string

  constructor(root: string, name = 'srv') {
    this.root = root
    this.dir = join(root, name)
  }

  /** Starts to fetch a release from the folder where it was published; nobody else is asked. */
  fetch({ torrent, content }: PublishedRelease, words: readonly string[] = [], env: NodeJS.ProcessEnv = {}): DistroProcess {
    const source = ['--web-seed', join(content, '..'), '--web-seed-delay', '0s', '--state-dir', join(this.root, 'state')]
    const all = ['fetch', torrent, '--releases', this.dir, '--json', ...source, ...closedOff, ...words]
    return spawnDistro(all, { env: { HOME: this.root, ...env } })
  }

  /** The same, and expects it to end well. */
  async fetched(release: PublishedRelease, words: readonly string[] = []): Promise<DistroProcess> {
    const fetch = this.fetch(release, words)
    expect(await fetch.exited, fetch.output).toEqual({ code: 0, signal: null })
    return fetch
  }

  rollback(words: readonly string[] = [], env: NodeJS.ProcessEnv = {}): DistroProcess {
    return spawnDistro(['rollback', this.dir, '--json', ...words], { env: { HOME: this.root, ...env } })
  }

  /** What `current` names, as it is written in the link. */
  current(): Promise<string> {
    return readlink(join(this.dir, 'current'))
  }

  /** The names of the folder, without working files and `current`. */
  async releases(): Promise<string[]> {
    return (await readdir(this.dir)).filter((name) => !name.startsWith('.') && name !== 'current').sort()
  }

  /** Working files but for the history, and for an empty draft of a lock, of which nobody can say whose it is for half a minute. */
  async leftovers(): Promise<string[]> {
    const hidden = (await readdir(this.dir)).filter((name) => name.startsWith('.') && name !== '.current.distro-history')
    return hidden.filter((name) => !/\.distro-(lock|turn)\.[0-9a-f]{16}$/.test(name))
  }

  /** True when what is behind `current` is exactly one of `releases`. */
  async isWhole(...releases: readonly PublishedRelease[]): Promise<boolean> {
    const name = await this.current()
    const release = releases.find((each) => each.name === name)
    return release !== undefined && (await differingPaths(release.content, join(this.dir, 'current'))).length === 0
  }
}
