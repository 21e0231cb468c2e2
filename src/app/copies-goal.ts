import { DistroError } from '../base/errors.ts'
import { formatCount } from '../base/format.ts'
import type { ExpectedHost } from './expected-hosts.ts'

/** How many hosts shall hold the tree: so many, or so many of a hundred that are expected, more than 0 and at most 100. */
export type CopiesWanted = number | { readonly percent: number }

/** What somebody who waits for copies asked for. */
export interface CopiesRequest {
  readonly untilCopies: CopiesWanted | undefined
  /** Only these hosts count; undefined lets any host count. */
  readonly expected?: readonly ExpectedHost[] | undefined
}

/** How many hosts must hold the tree. */
export interface CopiesGoal {
  /** Undefined when no number was asked for. */
  readonly copies: number | undefined
}

/** The goal in numbers; a share is rounded up, and a list alone means all of it. Throws USAGE for what can never be met. */
export function copiesGoalOf({ untilCopies, expected }: CopiesRequest): CopiesGoal {
  if (expected === undefined) {
    if (typeof untilCopies !== 'object') return { copies: untilCopies }
    throw new DistroError('USAGE', `--until-copies ${untilCopies.percent}% is a share of hosts that nobody named.`, {
      hint: 'Add --expect FILE, a list of the hosts, or say how many there shall be.',
    })
  }
  const total = new Set(expected.map(({ name }) => name)).size
  const copies = untilCopies === undefined ? total : countOf(untilCopies, total)
  if (copies <= total) return { copies }
  throw new DistroError('USAGE', `${formatCount(copies, 'copy', 'copies')} can never be: ${onList(total)}.`, {
    hint: 'With --expect only the hosts on the list count.',
  })
}

function countOf(wanted: CopiesWanted, total: number): number {
  // In hundredths of a percent, which are whole: 0.07 times 100 is a little more than 7.
  return typeof wanted === 'number' ? wanted : Math.max(1, Math.ceil((Math.round(wanted.percent * 100) * total) / 10_000))
}

function onList(hosts: number): string {
  return `${formatCount(hosts, 'host is', 'hosts are')} on the list of --expect`
}
