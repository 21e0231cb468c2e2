import { DistroError } from '../../base/errors.ts'
import { formatCount } from '../../base/format.ts'
import type { ExpectedHost } from './expected-hosts.ts'

/** How many hosts shall hold the tree: so many, or so many of a hundred that are expected, more than 0 and at most 100. */
export type CopiesWanted = number | { readonly percent: number }

/** What somebody who waits for copies asked for. */
export interface CopiesRequest {
  readonly untilCopies: CopiesWanted | undefined
  /** So many copies in each zone of the list as well; 1 at least. */
  readonly untilZoneCopies?: number | undefined
  /** Only these hosts count; undefined lets any host count. */
  readonly expected?: readonly ExpectedHost[] | undefined
}

/** How many hosts must hold the tree. */
export interface CopiesGoal {
  /** Undefined when no number was asked for. */
  readonly copies: number | undefined
  /** So many in each of these zones too; undefined when that was not asked for. */
  readonly inZones: { readonly copies: number; readonly zones: readonly string[] } | undefined
}

/** How many of the zones that a goal names have as many copies as it asks for. */
export interface ZoneGoalCounts {
  /** Asked for in each. */
  readonly copies: number
  readonly total: number
  readonly met: number
}

/**
 * The goal in numbers; a share is rounded up, and a list alone means all of it. Throws USAGE for what can never be met, and for zones that
 * nobody named.
 */
export function copiesGoalOf({ untilCopies, untilZoneCopies, expected }: CopiesRequest): CopiesGoal {
  if (expected === undefined) {
    if (untilZoneCopies !== undefined) throw zonesUnknown('there is no list of hosts')
    if (typeof untilCopies !== 'object') return { copies: untilCopies, inZones: undefined }
    throw new DistroError('USAGE', `${untilCopies.percent}% of the hosts cannot be counted: there is no list of them.`, {
      hint: 'Add --expect FILE, a list of the hosts, or say how many there shall be.',
    })
  }
  const total = new Set(expected.map(({ name }) => name)).size
  const inZones = untilZoneCopies === undefined ? undefined : { copies: untilZoneCopies, zones: zonesOf(expected, untilZoneCopies) }
  const copies = untilCopies === undefined ? (inZones === undefined ? total : undefined) : countOf(untilCopies, total)
  if (copies === undefined || copies <= total) return { copies, inZones }
  throw neverMet(
    `${formatCount(copies, 'copy', 'copies')} can never be: ${formatCount(total, 'host is', 'hosts are')} on the list of --expect`,
  )
}

function countOf(wanted: CopiesWanted, total: number): number {
  // In hundredths of a percent, which are whole: 0.07 times 100 is a little more than 7.
  return typeof wanted === 'number' ? wanted : Math.max(1, Math.ceil((Math.round(wanted.percent * 100) * total) / 10_000))
}

/** The zones of a list, each of which can have so many copies: a host without a zone in the list may turn out to be in any of them. */
function zonesOf(expected: readonly ExpectedHost[], copies: number): readonly string[] {
  const hosts = new Map<string, number>()
  let anywhere = 0
  for (const { zone } of expected) {
    if (zone === undefined) anywhere++
    else hosts.set(zone, (hosts.get(zone) ?? 0) + 1)
  }
  if (hosts.size === 0) throw zonesUnknown('the list names none')
  for (const [zone, count] of hosts) {
    if (count + anywhere >= copies) continue
    const listed = formatCount(count + anywhere, 'host is', 'hosts are')
    throw neverMet(`${formatCount(copies, 'copy', 'copies')} in ${zone} can never be: ${listed} on the list of --expect for it`)
  }
  return [...hosts.keys()]
}

function zonesUnknown(why: string): DistroError {
  return new DistroError('USAGE', `Copies cannot be counted in each zone: ${why}.`, {
    hint: 'Add --expect FILE with a zone behind the name of each host.',
  })
}

function neverMet(sentence: string): DistroError {
  return new DistroError('USAGE', `${sentence}.`, { hint: 'With --expect only the hosts on the list count.' })
}
