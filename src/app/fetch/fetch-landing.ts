import { join } from 'node:path'
import { toHex } from '../../base/bytes.ts'
import { DistroError } from '../../base/errors.ts'
import type { Events } from '../../base/events.ts'
import { systemClock } from '../../base/system-clock.ts'
import { readCurrent } from '../../store/current-link.ts'
import { ReleaseFetch } from '../../store/release-fetch.ts'
import { releaseName, releasePlace } from '../../store/release-name.ts'
import { likelyReleases } from '../../store/release-switch.ts'
import type { InfoDictionary } from '../../torrent/info.ts'
import type { VerbEvents } from '../events.ts'
import { switchedEvent } from '../releases/switched-event.ts'
import type { FetchRequest } from './fetch-request.ts'

/** Where a fetch puts its content, and what is switched to it then: a folder that was named, or one of many releases. */
export class FetchLanding {
  readonly #request: FetchRequest
  readonly #events: Events<VerbEvents>
  #releases: ReleaseFetch | undefined

  constructor(request: FetchRequest, events: Events<VerbEvents>) {
    this.#request = request
    this.#events = events
  }

  /** Looks at the folder of releases, before anything else is done. Throws USAGE, PATH_REFUSED, BUSY, DISK_FULL or DISK_FAILED. */
  async open(): Promise<void> {
    const { releases, outDir, overwrite, isDryRun } = this.#request
    if (releases === undefined) return
    if (overwrite) {
      throw new DistroError('USAGE', 'Releases are never overwritten.', {
        hint: 'Leave out --overwrite, or use --out in place of --releases.',
      })
    }
    // Nothing is written then, so there is nothing to take turns for.
    if (isDryRun) await readCurrent(outDir)
    else this.#releases = await ReleaseFetch.open(outDir, systemClock)
  }

  /** Where content of that name will be, as far as that is known. */
  pathOf(name: string | null, infoHash: Uint8Array): string {
    const { releases, outDir } = this.#request
    if (name === null) return outDir
    return join(outDir, releases === undefined ? name : releaseName(name, toHex(infoHash)))
  }

  /** Where the finished tree or file will be; nothing is written. Throws PATH_REFUSED. */
  targetOf({ info, infoHash }: InfoDictionary): string {
    const { releases, outDir } = this.#request
    if (releases === undefined) return join(outDir, info.name)
    const place = releasePlace(outDir, info, toHex(infoHash))
    return join(place.outDir, place.targetName)
  }

  /** The directory to fetch into, and what the content is called in it. Throws PATH_REFUSED, BUSY, DISK_FULL or DISK_FAILED. */
  async claim({ info, infoHash }: InfoDictionary): Promise<{ readonly outDir: string; readonly targetName: string }> {
    if (this.#releases === undefined) return { outDir: this.#request.outDir, targetName: info.name }
    return this.#releases.claim(info, toHex(infoHash))
  }

  /** Where earlier versions of the content are, besides what stands at the target; absolute, the best first. Throws PATH_REFUSED or DISK_FAILED. */
  async earlier(): Promise<readonly string[]> {
    const { releases, outDir, reuse } = this.#request
    if (releases === undefined) return reuse
    return [...reuse, ...(await likelyReleases(this.#releases?.dir ?? outDir))]
  }

  /** Makes content that is in place the current release, and removes old ones. Throws PATH_REFUSED, BUSY, DISK_FULL or DISK_FAILED. */
  async switchTo({ info, infoHash }: InfoDictionary, bytes: number): Promise<void> {
    const releases = this.#releases
    if (releases === undefined) return
    const hash = toHex(infoHash)
    const { name } = releasePlace(releases.dir, info, hash)
    const release = { name, title: info.name, infoHash: hash, bytes }
    const { removed, complaints } = await releases.switchTo(release, this.#request.releases ?? { keep: undefined }, (done) =>
      this.#events.emit(done.isOwed === true ? 'switchOwed' : 'switched', switchedEvent('fetch', done)),
    )
    for (const each of removed) this.#events.emit('releaseRemoved', { release: each, path: join(releases.dir, each) })
    for (const message of complaints) this.#events.emit('warning', { message })
  }

  /** What `error` means here: a release that lies there already and is not as published, or a folder, with the flag that names another one. */
  explain(error: unknown): unknown {
    if (!(error instanceof DistroError)) return error
    if (this.#request.releases === undefined || error.code !== 'TARGET_DIFFERS') return this.#withFlag(error)
    return new DistroError('TARGET_DIFFERS', error.message, {
      hint:
        'A release is never repaired or completed where it stands: move it away and fetch again. If it is current, nothing is until then; ' +
        'distro rollback switches to the one before, where there is one.',
      cause: error,
    })
  }

  async close(): Promise<void> {
    await this.#releases?.close()
  }

  /** The store knows of no flags. */
  #withFlag(error: DistroError): DistroError {
    const { code, message, hint, cause } = error
    if (hint?.includes(ANOTHER) !== true) return error
    const flag = this.#request.releases === undefined ? '--out' : '--releases'
    return new DistroError(code, message, { hint: hint.replace(ANOTHER, `${ANOTHER} with ${flag}`), cause })
  }
}

/** What hints of the store advise. */
const ANOTHER = 'another directory'
