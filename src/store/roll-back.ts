import { realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { DistroError } from '../base/errors.ts'
import { quoteName } from '../torrent/quote-name.ts'
import { currentLink, pointCurrent, readCurrent } from './current-link.ts'
import { danglingLink } from './dangling-link.ts'
import { diskError, systemCode } from './disk-error.ts'
import { owedSwitch, oweSwitch } from './owed-switches.ts'
import { type Release, readHistory } from './release-history.ts'
import { isFolder, type ReleaseSwitch, standingReleases, whileSwitching } from './release-switch.ts'

/** Names in a message. */
const MOST_NAMED = 8

/** A rollback as it is asked for. */
export interface RollBackOptions {
  /** The folder of releases; absolute. */
  readonly dir: string
  /** The name of a release, or a start that no other has; undefined for the one before the current one. */
  readonly to: string | undefined
  /** True when a command follows the flip. */
  readonly runsHook?: boolean | undefined
  readonly clock: Clock
  readonly signal?: AbortSignal
}

/**
 * Points `current` at the release before, in the order in which fetches switched to them, or at the one that is named; nothing is read or
 * verified but that its folder is there. `onSwitch` is called at the flip, and not when that release is current already, unless its command
 * is still owed (`runsHook`). The order stays,
 * so that another rollback goes one further back; but one that was killed before its command had ended well is run to its end first, and goes
 * no further. Throws INPUT_MISSING when there is nothing to go back to, PATH_REFUSED, BUSY,
 * DISK_FULL or DISK_FAILED, and the reason of `signal`.
 */
export async function rollBack(options: RollBackOptions, onSwitch: (done: ReleaseSwitch) => void): Promise<ReleaseSwitch> {
  const { clock, signal } = options
  const dir = await realFolder(options.dir)
  // Looked at before anything is written, lest a wrong word leave a lock somewhere.
  await choose(dir, await wantedRelease(dir, options))
  return whileSwitching(dir, clock, signal, async () => {
    const { release, current } = await choose(dir, await wantedRelease(dir, options))
    const done = { dir, release, previous: current ?? null }
    if (release.name === current) {
      const owed = options.runsHook === true ? await owedSwitch(dir, current) : undefined
      if (owed !== undefined) onSwitch({ ...done, previous: owed.previous, isOwed: true })
      return done
    }
    if (options.runsHook === true) await oweSwitch(dir, { release: release.name, previous: done.previous }, current)
    await pointCurrent(dir, release.name)
    onSwitch(done)
    return done
  })
}

/**
 * The release that was asked for. Where none was, and an earlier rollback to the current one did not come to its end, it is that one. What a
 * fetch owes is no reason to stay: a release whose command failed is what one goes back from.
 */
async function wantedRelease(dir: string, { to, runsHook }: RollBackOptions): Promise<string | undefined> {
  const current = to === undefined && runsHook === true ? await readCurrent(dir) : undefined
  const owed = current === undefined ? undefined : await owedSwitch(dir, current)
  if (owed === undefined) return to
  const names = (await readHistory(dir)).map(({ name }) => name)
  const isRollback = names.indexOf(owed.release) < names.indexOf(owed.previous ?? '')
  return isRollback && (await isFolder(join(dir, owed.release))) ? owed.release : to
}

async function choose(dir: string, to: string | undefined): Promise<{ release: Release; current: string | undefined }> {
  const current = await readCurrent(dir)
  const standing = await standingReleases(dir)
  if (to !== undefined) {
    const starting = standing.filter(({ name }) => to !== '' && name.startsWith(to))
    const release = standing.find(({ name }) => name === to) ?? starting[0]
    if (release === undefined) throw missing(`${dir} has no release ${quoteName(to)}`, standing)
    if (release.name !== to && starting.length > 1) throw missing(`${dir} has several releases that start with ${quoteName(to)}`, starting)
    return { release, current }
  }
  if (current === undefined) throw missing(`${currentLink(dir)} does not exist, so there is nothing to go back from`, standing)
  const history = await readHistory(dir)
  const place = history.findIndex(({ name }) => name === current)
  if (place === -1) throw missing(`${dir} does not know ${quoteName(current)}, which is current, nor what came before it`, standing)
  const older = new Set(history.slice(0, place).map(({ name }) => name))
  const release = standing.findLast(({ name }) => older.has(name))
  if (release === undefined) throw missing(`There is nothing to go back to: ${dir} has no release before ${quoteName(current)}`, standing)
  return { release, current: (await isFolder(join(dir, current))) ? current : undefined }
}

function missing(what: string, standing: readonly Release[]): DistroError {
  const names = standing.slice(-MOST_NAMED).map(({ name }) => name)
  const more = standing.length > names.length ? `, and ${standing.length - names.length} older ones` : ''
  const hint =
    names.length === 0
      ? 'distro fetch --releases puts releases there.'
      : `--to NAME switches to one of those that are there: ${names.join(', ')}${more}.`
  return new DistroError('INPUT_MISSING', `${what}.`, { hint })
}

async function realFolder(dir: string): Promise<string> {
  const hint = 'Name the folder that distro fetch --releases was given.'
  try {
    if (!(await stat(dir)).isDirectory()) throw new DistroError('INPUT_MISSING', `${dir} is not a directory.`, { hint })
    return await realpath(dir)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw diskError(error, 'look at', dir)
    const what = (await danglingLink(dir)) ?? `${dir} does not exist`
    throw new DistroError('INPUT_MISSING', `${what}.`, { hint })
  }
}
