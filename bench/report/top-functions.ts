import { readFileSync } from 'node:fs'
import path from 'node:path'
import { DistroError } from '../../src/base/errors.ts'

const SHOWN = 20

interface ProfileNode {
  readonly id: number
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
}

interface Profile {
  readonly nodes: readonly ProfileNode[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

/** A function and the time spent in itself, without what it called, in milliseconds. */
export interface SelfTime {
  readonly name: string
  readonly milliseconds: number
}

/** Adds up the self time of each function of a V8 CPU profile, longest first. */
export function topFunctions(profile: Profile): SelfTime[] {
  const names = new Map(profile.nodes.map((node) => [node.id, nameOf(node)]))
  const totals = new Map<string, number>()
  for (const [index, id] of profile.samples.entries()) {
    const name = names.get(id) ?? '(unknown)'
    totals.set(name, (totals.get(name) ?? 0) + (profile.timeDeltas[index] ?? 0) / 1000)
  }
  return [...totals].map(([name, milliseconds]) => ({ name, milliseconds })).sort((a, b) => b.milliseconds - a.milliseconds)
}

/**
 * Writes the functions of a `.cpuprofile` file as a table; shares are of the time the thread was not idle.
 *
 * @throws DistroError `INPUT_REFUSED` when it is no such file.
 */
export function describeProfile(file: string): string {
  const all = topFunctions(readProfile(file))
  const busy = all.filter(({ name }) => name !== '(idle)')
  const total = busy.reduce((sum, { milliseconds }) => sum + milliseconds, 0)
  const rows = busy.slice(0, SHOWN).map(({ name, milliseconds }) => {
    return `${milliseconds.toFixed(0).padStart(8)} ms ${((100 * milliseconds) / total).toFixed(1).padStart(5)} %  ${name}`
  })
  return [`${file}: ${total.toFixed(0)} ms not idle`, ...rows, ''].join('\n')
}

function readProfile(file: string): Profile {
  try {
    const profile = JSON.parse(readFileSync(file, 'utf8')) as Profile
    if (Array.isArray(profile.nodes) && Array.isArray(profile.samples)) return profile
  } catch (cause) {
    throw new DistroError('INPUT_REFUSED', `${file} cannot be read as a CPU profile`, { cause })
  }
  throw new DistroError('INPUT_REFUSED', `${file} is not a CPU profile`)
}

function nameOf({ callFrame: { functionName, url, lineNumber } }: ProfileNode): string {
  const name = functionName === '' ? '(anonymous)' : functionName
  return url === '' ? name : `${name}  ${path.basename(url)}:${lineNumber + 1}`
}
