import { stat } from 'node:fs/promises'
import { DistroError } from '../base/errors.ts'
import { resolvePlace } from '../store/resolve-place.ts'

/** Files that are written or read, absolute, by what named them: a flag such as `--report`, or words such as `the content`. */
export type NamedFiles = Readonly<Record<string, string | readonly string[] | undefined>>

/** Throws USAGE where a file that is to be written is one of those that are read, or another that is to be written, under whatever name. */
export async function checkOutputs(outputs: NamedFiles, inputs: NamedFiles): Promise<void> {
  const others = new Map<string, string>()
  for (const [by, path] of eachOf(inputs)) {
    for (const identity of await identitiesOf(path)) others.set(identity, by)
  }
  for (const [by, path] of eachOf(outputs)) {
    const identities = await identitiesOf(path)
    const other = identities.map((identity) => others.get(identity)).find((found) => found !== undefined)
    if (other !== undefined) {
      throw new DistroError('USAGE', `${by} and ${other} are the same file, ${path}.`, { hint: `Name another file with ${by}.` })
    }
    for (const identity of identities) others.set(identity, by)
  }
}

function eachOf(files: NamedFiles): readonly (readonly [string, string])[] {
  return Object.entries(files).flatMap(([by, paths = []]) => [paths].flat().map((path) => [by, path] as const))
}

/** By what a file is known: where it lies, and which one the system finds there; a folder by nothing, as no file takes the place of one. */
async function identitiesOf(path: string): Promise<readonly string[]> {
  const place = await resolvePlace(path)
  const status = await stat(path, { bigint: true }).catch(() => undefined)
  if (status === undefined) return [place]
  return status.isDirectory() ? [] : [place, `${status.dev}:${status.ino}`]
}
