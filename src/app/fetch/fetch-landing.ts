import { join } from 'node:path'
import { toHex } from '../../base/bytes.ts'
import { DistroError } from '../../base/errors.ts'
import type { Events } from '../../base/events.ts'
import { formatCount, formatNumber } from '../../base/format.ts'
import { systemClock } from '../../base/system-clock.ts'
import { readCurrent } from '../../store/current-link.ts'
import type { FetchStoreOptions } from '../../store/fetch-options.ts'
import type { FetchStore } from '../../store/fetch-store.ts'
import { ReleaseFetch } from '../../store/release-fetch.ts'
import { mayBeCompleted, type Release } from '../../store/release-history.ts'
import { releaseName, releasePlace } from '../../store/release-name.ts'
import { likelyReleases } from '../../store/release-switch.ts'
import type { Selection } from '../../store/selection.ts'
import type { InfoDictionary } from '../../torrent/info.ts'
import type { VerbEvents } from '../events.ts'
import { switchedEvent } from '../releases/switched-event.ts'
import type { FetchRequest } from './fetch-request.ts'

type LandingTerms = Pick<FetchStoreOptions, 'reuse' | 'completes' | 'isNeverAbsent' | 'onComplaint'>

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

  /**
   * Where earlier versions of the content are, besides what stands at the target, and what may become of that. Of releases only one that was fetched
   * in part gets the rest, and `current` always leads to the part or to all of it. Throws PATH_REFUSED or DISK_FAILED.
   */
  async terms({ info, infoHash }: InfoDictionary): Promise<LandingTerms> {
    const { releases, outDir, reuse } = this.#request
    const onComplaint = (message: string): void => this.#events.emit('warning', { message })
    if (releases === undefined) return { reuse, onComplaint }
    const dir = this.#releases?.dir ?? outDir
    const completes = await mayBeCompleted(dir, releasePlace(dir, info, toHex(infoHash)).name)
    return { reuse: [...reuse, ...(await likelyReleases(dir))], completes, isNeverAbsent: true, onComplaint }
  }

  /** Warns of a release that is to hold what is selected and no more. */
  warnOfPart({ info, infoHash }: InfoDictionary, selection: Selection): void {
    if (this.#releases === undefined || selection.isWhole) return
    const files = info.files.filter(({ kind }) => kind === 'file').length
    const part = `${formatNumber(selection.fileIndexes().length)} of ${formatCount(files, 'file')}`
    const message = `The release ${releaseName(info.name, toHex(infoHash))} will hold ${part}, as selected; a later fetch of all of it adds the rest.`
    this.#events.emit('warning', { message })
  }

  /** Makes content that is in place the current release, and removes old ones. Throws PATH_REFUSED, BUSY, DISK_FULL or DISK_FAILED. */
  async switchTo({ info, infoHash }: InfoDictionary, { selection, resumed }: Pick<FetchStore, 'selection' | 'resumed'>): Promise<void> {
    const releases = this.#releases
    if (releases === undefined) return
    const hash = toHex(infoHash)
    const { name } = releasePlace(releases.dir, info, hash)
    const bytes = selection.fileIndexes().reduce((sum, file) => sum + (info.files[file]?.lengthBytes ?? 0), 0)
    const release: Release = { name, title: info.name, infoHash: hash, bytes, isPart: selection.isWhole ? undefined : true }
    const options = { keep: undefined, ...this.#request.releases, wasThere: resumed === 'in place' }
    const { removed, complaints } = await releases.switchTo(release, options, (done) =>
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
        'Move it away and fetch again: no release is repaired where it stands. If it is current, nothing is until then; ' +
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
