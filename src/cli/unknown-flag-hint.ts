import type { AnyCommand } from './command-list.ts'
import { flagShapes } from './flag-shapes.ts'
import { nearestWord } from './nearest-word.ts'

/** What is said to somebody who typed a flag that `command` has not: those of its own that it may have been meant for, and the verbs that do have it. */
export async function unknownFlagHint(command: AnyCommand, typed: string): Promise<string> {
  const own = [...flagShapes(command).keys()]
  const near = nearFlag(typed, own) ?? kindredFlag(typed, own)
  const others = await flagsOfOthers(command)
  const meant = near === undefined ? [] : [`Did you mean ${near}?`]
  if (others.has(typed)) return [...meant, `${typed} is a flag of distro ${others.get(typed)?.join(', ')}.`].join(' ')
  if (near !== undefined) return meant.join(' ')
  const elsewhere = nearFlag(typed, [...others.keys()])
  if (elsewhere === undefined) return `distro ${command.name} --help lists its flags.`
  return `Did you mean ${elsewhere}? It is a flag of distro ${others.get(elsewhere)?.join(', ')}.`
}

function nearFlag(typed: string, flags: readonly string[]): string | undefined {
  // Every other letter is one change away.
  return typed.length === 2 ? undefined : nearestWord(typed, flags)
}

/** The flag that ends as `typed` does, as that of another verb may: `--copies` for `--until-copies`, and the other way round. */
function kindredFlag(typed: string, flags: readonly string[]): string | undefined {
  const tail = (flag: string): string => flag.replace(/^-/, '')
  const shorter = flags.filter((flag) => flag.startsWith('--') && typed.endsWith(tail(flag)))
  const longer = flags.filter((flag) => typed.startsWith('--') && flag.endsWith(tail(typed)))
  const byLength = (first: string, second: string): number => first.length - second.length
  return shorter.sort(byLength).at(-1) ?? longer.sort(byLength)[0]
}

/** The verbs that have each flag, but for `command` and for config, which has those of all others to show what they do. */
async function flagsOfOthers(command: AnyCommand): Promise<ReadonlyMap<string, readonly string[]>> {
  const { loadAllCommands } = await import('./command-list.ts')
  const verbs = new Map<string, string[]>()
  for (const other of await loadAllCommands()) {
    if (other.name === command.name || other.name === 'config') continue
    for (const flag of flagShapes(other).keys()) verbs.set(flag, [...(verbs.get(flag) ?? []), other.name])
  }
  return verbs
}
