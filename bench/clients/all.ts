import { DistroError } from '../../src/base/errors.ts'
import { versionOf } from '../harness/machine.ts'
import type { Place } from '../harness/place.ts'
import { aria2Client } from './aria2.ts'
import type { Client } from './client.ts'
import { distroClient } from './distro.ts'
import { libtorrentClient } from './libtorrent.ts'
import { transmissionClient } from './transmission.ts'

/** The clients asked for by name, with the version each reports. */
export interface Field {
  readonly clients: ReadonlyMap<string, Client>
  readonly versions: Readonly<Record<string, string>>
}

/**
 * Finds the named clients on this machine.
 *
 * @throws DistroError `USAGE` for an unknown name, `INPUT_MISSING` for one that is not installed.
 */
export function chooseClients(names: readonly string[], place: Place, distro: readonly string[]): Field {
  const known = [
    distroClient(distro),
    libtorrentClient(place, 'libtorrent'),
    libtorrentClient(place, 'libtorrent-tuned'),
    aria2Client(place),
    transmissionClient(place),
  ]
  const clients = new Map<string, Client>()
  const versions: Record<string, string> = {}
  for (const name of names) {
    const client = known.find((one) => one.name === name)
    if (!client)
      throw new DistroError('USAGE', `there is no client "${name}"`, { hint: `known: ${known.map((one) => one.name).join(', ')}` })
    versions[name] = requireVersion(name, distro)
    clients.set(name, client)
  }
  return { clients, versions }
}

/**
 * The version a program reports.
 *
 * @throws DistroError `INPUT_MISSING` when it is not there.
 */
export function requireVersion(name: string, distro: readonly string[]): string {
  const version = versionOf(name, distro)
  if (version === undefined) {
    throw new DistroError('INPUT_MISSING', `${name} does not run on this machine`, {
      hint:
        name === 'distro'
          ? 'run npm run build first, or name it with --distro'
          : 'install it (docs/benchmarks.md), or leave it out with --clients',
    })
  }
  return version
}

/**
 * The versions of contestants by their names, of which several may be one program: `distro-v1` is distro.
 *
 * @throws DistroError `INPUT_MISSING` when one is not there.
 */
export function versionsOf(names: readonly string[], distro: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, requireVersion(name.replace(/-v\d$/, ''), distro)]))
}
