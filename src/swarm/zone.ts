import { DistroError } from '../base/errors.ts'
import { isZoneName, SUBNET_ZONES, UNKNOWN_ZONE } from '../base/zone-name.ts'
import type { ExtensionHandshake } from '../wire/extension-messages.ts'
import { subnetOf } from '../wire/subnet.ts'

/** How a peer's zone stands to ours; `unknown` where one of the two has none, and then there is no locality between them at all. */
export type ZoneRelation = 'same' | 'other' | 'unknown'

/** The zone of one peer. */
export interface PeerZone {
  readonly name: string
  readonly relation: ZoneRelation
}

/** The zone of a peer that told none, and of every peer while we have none. */
export const NO_ZONE: PeerZone = { name: UNKNOWN_ZONE, relation: 'unknown' }

/** What decides the zone of a peer. */
export interface IntroducedPeer {
  readonly link: { readonly address: { readonly host: string } }
  readonly extension: ExtensionHandshake | undefined
}

/**
 * Says of a peer whether it is in our zone: by the name that it told in its extended handshake or, where zones are subnets, by its
 * address and what it says that ours is. Nobody can be held to what it tells, so nothing but speed may depend on it.
 */
export class Zones {
  /** Our zone's name; undefined when we have none, or when it is our subnet. */
  readonly ownName: string | undefined
  readonly #isBySubnet: boolean

  /** `own` is a name, or `subnet`, or undefined for no zones. Throws USAGE for anything else. */
  constructor(own: string | undefined) {
    this.#isBySubnet = own === SUBNET_ZONES
    this.ownName = this.#isBySubnet ? undefined : own
    if (this.ownName === undefined || isZoneName(this.ownName)) return
    throw new DistroError('USAGE', `"${this.ownName}" is not the name of a zone.`, {
      hint: 'A zone is 1 to 64 letters, digits and . _ : / - such as rack-7, or the word subnet.',
    })
  }

  /** True if we have a zone. */
  get areUsed(): boolean {
    return this.ownName !== undefined || this.#isBySubnet
  }

  /** The zone of a peer that introduced itself. */
  of(peer: IntroducedPeer): PeerZone {
    const name = this.#isBySubnet ? subnetOf(peer.link.address.host) : peer.extension?.zone
    const own = this.#isBySubnet ? subnetOf(peer.extension?.yourAddress ?? '') : this.ownName
    if (name === undefined || own === undefined) return NO_ZONE
    return { name, relation: name === own ? 'same' : 'other' }
  }

  /** How the zone of an address stands to that of `ownHost`; only subnets tell it before somebody there has spoken. */
  relationOfHost(host: string, ownHost: string): ZoneRelation {
    const subnet = this.#isBySubnet ? subnetOf(host) : undefined
    const own = this.#isBySubnet ? subnetOf(ownHost) : undefined
    if (subnet === undefined || own === undefined) return 'unknown'
    return subnet === own ? 'same' : 'other'
  }
}
