import type { PeerAddress } from '../../base/address.ts'
import type { Dialer, OwnHandshake } from '../../wire/link.ts'

/** True if somebody answers the handshake for this torrent at `address`. Takes as long as a dial at most, and is never told once the dialer is closed. */
export function answersAt(dialer: Dialer, own: OwnHandshake, address: PeerAddress): Promise<boolean> {
  return new Promise((resolve) => {
    dialer.dial(address, own, (outcome) => {
      if ('link' in outcome) outcome.link.close('looked whether somebody is there')
      resolve('link' in outcome)
    })
  })
}
