import { DistroError } from '../../base/errors.ts'
import { isHostName } from '../../base/host-name.ts'
import { isZoneName } from '../../base/zone-name.ts'
import { MOST_HOSTS } from './copy-ledger.ts'

/** A host that should end up with the tree. */
export interface ExpectedHost {
  /** What it tells with `--host-name`; see `isHostName`. */
  readonly name: string
  /** Where it is; undefined leaves it to the host to tell (`--zone`). */
  readonly zone?: string | undefined
}

/**
 * Reads a list of hosts: one a line, its name and, after blanks, its zone if that is to be said. Empty lines are passed over, and so is what
 * follows a `#` at the start of a line or after a blank. A name in double quotes, as a string of JSON, may have blanks. `source` names the text in messages. Throws USAGE, with the number of the line, for a
 * name or a zone that is none, for a name that comes twice, for a list without hosts, and for more than 100,000.
 */
export function parseExpectedHosts(text: string, source: string): readonly ExpectedHost[] {
  const hosts: ExpectedHost[] = []
  const lineOf = new Map<string, number>()
  for (const [index, line] of text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    const host = hostIn(line, `${source}, line ${index + 1}`)
    if (host === undefined) continue
    const earlier = lineOf.get(host.name)
    if (earlier !== undefined) {
      throw new DistroError('USAGE', `${source}, line ${index + 1}: the host ${host.name} is on line ${earlier} already.`, {
        hint: 'Each host has a name of its own, and counts once.',
      })
    }
    lineOf.set(host.name, index + 1)
    hosts.push(host)
    if (hosts.length > MOST_HOSTS) throw new DistroError('USAGE', `${source} names more than ${MOST_HOSTS} hosts.`)
  }
  if (hosts.length > 0) return hosts
  throw new DistroError('USAGE', `${source} names no host.`, {
    hint: 'Write one host a line, by the name that it gives to fetch --host-name.',
  })
}

function hostIn(line: string, place: string): ExpectedHost | undefined {
  const [name, zone, surplus] = wordsIn(line)
  if (name === undefined) return undefined
  if (surplus !== undefined) {
    const hint = 'A line is a name, in double quotes where it has blanks, and, if it is to be said, a zone.'
    throw new DistroError('USAGE', `${place}: there is more than a name and a zone.`, { hint })
  }
  if (!isHostName(name)) {
    const hint = 'It is 1 to 64 characters that can be seen.'
    throw new DistroError('USAGE', `${place}: what stands there is not the name of a host.`, { hint })
  }
  if (zone !== undefined && !isZoneName(zone)) {
    const hint = 'It is 1 to 64 letters, digits and . _ : / - such as rack-7.'
    throw new DistroError('USAGE', `${place}: what follows ${name} is not the name of a zone.`, { hint })
  }
  return zone === undefined ? { name } : { name, zone }
}

/** What stands on a line, without comments; the first word may be a string of JSON. */
function wordsIn(line: string): readonly string[] {
  const [, quoted = '', rest = line] = /^\s*("(?:[^"\\]|\\.)*")((?:\s.*)?)$/u.exec(line) ?? []
  const name = textOf(quoted)
  const words = (name === undefined ? line : rest).replace(/(?:^|\s)#.*$/u, '').split(/\s+/u)
  return [...(name === undefined ? [] : [name]), ...words.filter((word) => word !== '')]
}

function textOf(quoted: string): string | undefined {
  try {
    return JSON.parse(quoted) as string
  } catch {
    return undefined
  }
}
