import type { PeerLink } from '../wire/link.ts'
import { subnetOf } from '../wire/subnet.ts'

/**
 * Names who stands behind a link: its IPv4 address, or its IPv6 /64 since whoever has one address there has them all.
 * On loopback many peers share the address, so there the peer id is part of the name.
 */
export function culpritOf(link: PeerLink): string {
  const { host } = link.address
  if (host === '::1' || host.startsWith('127.')) return `${host}#${Buffer.from(link.peer.peerId).toString('hex')}`
  return hostKey(host)
}

/** Who may not come back during this run, because it sent bad data. */
export class BanList {
  readonly #culprits = new Set<string>()

  get size(): number {
    return this.#culprits.size
  }

  add(culprit: string): void {
    this.#culprits.add(culprit)
  }

  hasLink(link: PeerLink): boolean {
    return this.#culprits.has(culpritOf(link))
  }

  hasHost(host: string): boolean {
    return this.#culprits.has(hostKey(host))
  }
}

function hostKey(host: string): string {
  return host.includes(':') ? (subnetOf(host) ?? host) : host
}
