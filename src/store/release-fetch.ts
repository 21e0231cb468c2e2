import { realpath, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { DistroError } from '../base/errors.ts'
import type { TorrentInfo } from '../torrent/info.ts'
import { CURRENT, pointCurrent, readCurrent } from './current-link.ts'
import { diskError } from './disk-error.ts'
import { hiddenName } from './hidden-name.ts'
import { makeFolder } from './make-folder.ts'
import { owedSwitch, oweSwitch } from './owed-switches.ts'
import { afterSwitch, dropDraft, type Release, writeHistory } from './release-history.ts'
import { type ReleasePlace, releasePlace } from './release-name.ts'
import { isBusy, isFolder, type ReleaseSwitch, standingReleases, whileSwitching } from './release-switch.ts'
import { type Removal, releaseLock, setAside, surplusReleases, sweepDisplaced, sweepRemoved } from './remove-releases.ts'
import { ensureDirectory } from './staging.ts'
import { setAsideSuperseded } from './superseded-fetches.ts'
import { TargetLock, takeoverRule } from './target-lock.ts'

/** How a fetch switches. */
export interface SwitchOptions {
  /** Releases that stay; undefined removes none. */
  readonly keep: number | undefined
  /** True when a command follows the flip. */
  readonly runsHook?: boolean | undefined
  /** True when the release was in place before, with all that was wanted of it. */
  readonly wasThere: boolean
}

/**
 * A folder of releases while a fetch adds one: each release is a folder beside the others, and the link `current` names one of them.
 *
 * Only one fetch at a time may be between its start and its switch, or one that began earlier and ended later would bring an older
 * release back. Everything is in such an order that a process can be killed between any two steps: the tree is whole before the history
 * names it, the history is on the disk before the link is flipped, and old releases go after that, each out of sight by one rename.
 */
export class ReleaseFetch {
  /** Absolute, without links. */
  readonly dir: string
  readonly #clock: Clock
  #turn: TargetLock | undefined
  #claim: TargetLock | undefined
  #unfinished: string | undefined

  private constructor(dir: string, clock: Clock, turn: TargetLock) {
    this.dir = dir
    this.#clock = clock
    this.#turn = turn
  }

  /**
   * Makes the folder if it is missing, looks at its `current`, takes its turn, and deletes what a killed process had set aside or out of the way.
   * Throws BUSY while another fetch into it runs, PATH_REFUSED, DISK_FULL or DISK_FAILED.
   */
  static async open(given: string, clock: Clock): Promise<ReleaseFetch> {
    const dir = await makeReal(given)
    await readCurrent(dir)
    const turn = await takeTurn(dir, clock)
    await Promise.all([dropDraft(dir), sweepRemoved(dir, clock), sweepDisplaced(dir, clock)]).catch(() => undefined)
    return new ReleaseFetch(dir, clock, turn)
  }

  /** Where this torrent's content lands. What is there belongs to us until `close`. Throws PATH_REFUSED or BUSY. */
  async claim(info: Pick<TorrentInfo, 'name' | 'isSingleFile'>, infoHash: string): Promise<ReleasePlace> {
    const place = releasePlace(this.dir, info, infoHash)
    // A tree is locked by its store under the same name.
    if (!info.isSingleFile) return place
    this.#claim = await TargetLock.take(releaseLock(this.dir, place.name), this.#clock)
    this.#unfinished = place.outDir
    await ensureDirectory(place.outDir).catch((error: unknown) => Promise.reject(diskError(error, 'make', place.outDir)))
    return place
  }

  /**
   * Points `current` at a release whose content is in place, unless it does already, and removes all but the newest `keep`; the one that is
   * current and the one before it always stay. `onSwitch` is called at the flip, and with `runsHook`, which remembers what follows a flip until
   * `settleSwitch`, for an earlier one whose command is still owed. Throws PATH_REFUSED, BUSY, DISK_FULL or DISK_FAILED if it was not
   * flipped; what could not be removed is only complained of.
   */
  async switchTo(release: Release, options: SwitchOptions, onSwitch: (done: ReleaseSwitch) => void): Promise<Removal> {
    const { dir } = this
    const { keep } = options
    this.#unfinished = undefined
    await this.#turn?.confirm()
    let superseded: Removal = { removed: [], complaints: [] }
    const { removed, complaints } = await whileSwitching(dir, this.#clock, undefined, async () => {
      const history = await this.#flip(release, options, onSwitch)
      const surplus = keep === undefined ? [] : surplusReleases(history, release.name, keep)
      const removal = await setAside(dir, surplus, this.#clock)
      const gone = new Set(removal.removed)
      const left = history.filter(({ name }) => !gone.has(name))
      const kept = left.map(({ name }) => name)
      if (keep !== undefined && kept.length >= keep) superseded = await setAsideSuperseded(dir, kept, this.#clock)
      if (gone.size === 0) return removal
      // A history that still names what is gone does no harm.
      const failure = await writeHistory(dir, left).then(nothing, (error: unknown) => [diskError(error, 'write', dir).message])
      return { ...removal, complaints: [...removal.complaints, ...failure] }
    })
    const stuck = removed.length + superseded.removed.length === 0 ? [] : await sweepRemoved(dir, this.#clock)
    await this.#endTurn()
    return { removed, complaints: [...complaints, ...superseded.complaints, ...stuck] }
  }

  /** Lets others have their turn, and what was claimed. */
  async close(): Promise<void> {
    await this.#endTurn()
    if (this.#unfinished !== undefined) await rmdir(this.#unfinished).catch(() => undefined)
    await this.#claim?.release()
    this.#claim = undefined
  }

  async #flip(
    release: Release,
    { runsHook = false, wasThere }: SwitchOptions,
    onSwitch: (done: ReleaseSwitch) => void,
  ): Promise<Release[]> {
    const { dir } = this
    const [named, standing] = [await readCurrent(dir), await standingReleases(dir)]
    const owed = runsHook && named === release.name ? await owedSwitch(dir, release.name) : undefined
    if (owed !== undefined) onSwitch({ dir, release, previous: owed.previous, isOwed: true })
    const known = standing.find(({ name }) => name === release.name)
    // What was put there whole stays that in the history, also for a fetch that selects a part of it.
    const entry = wasThere && known !== undefined && known.isPart !== true ? known : release
    if (named === release.name && known !== undefined) return withEntry(dir, standing, known, entry)
    const previous = named !== undefined && (await isFolder(join(dir, named))) ? named : undefined
    const from = previous === undefined ? undefined : (standing.find(({ name }) => name === previous) ?? foreignRelease(previous))
    const history = afterSwitch(standing, from, entry)
    await writeHistory(dir, history)
    if (named === release.name) return history
    if (runsHook) await oweSwitch(dir, { release: release.name, previous: previous ?? null }, named)
    await pointCurrent(dir, release.name)
    onSwitch({ dir, release, previous: previous ?? null })
    return history
  }

  async #endTurn(): Promise<void> {
    const turn = this.#turn
    this.#turn = undefined
    await turn?.release()
  }
}

function nothing(): string[] {
  return []
}

/** The history with what is now known of a release that is current, in its place. */
async function withEntry(dir: string, standing: Release[], known: Release, entry: Release): Promise<Release[]> {
  if (known === entry || (known.bytes === entry.bytes && known.isPart === entry.isPart)) return standing
  const history = standing.map((each) => (each === known ? entry : each))
  await writeHistory(dir, history)
  return history
}

/** A folder that somebody else put there and made current. */
function foreignRelease(name: string): Release {
  return { name, title: name, infoHash: null, bytes: null }
}

async function makeReal(dir: string): Promise<string> {
  try {
    await makeFolder(dir)
    return await realpath(dir)
  } catch (error) {
    throw diskError(error, 'use the directory', dir)
  }
}

async function takeTurn(dir: string, clock: Clock): Promise<TargetLock> {
  try {
    return await TargetLock.take(join(dir, hiddenName(CURRENT, 'turn')), clock)
  } catch (error) {
    if (!isBusy(error)) throw error
    throw new DistroError('BUSY', `Another process is fetching a release into ${dir}.`, {
      hint: `Wait for it to end, or stop it, and run the same command again; ${takeoverRule}.`,
      cause: error,
    })
  }
}
