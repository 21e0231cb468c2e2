/** Where a peer listens. `host` is an IPv4 or IPv6 address in its shortest form, never a name; `port` is 1 to 65535. */
export interface PeerAddress {
  readonly host: string
  readonly port: number
}

/** Who told us of a peer. */
export type PeerOrigin = 'static' | 'magnet' | 'dht' | 'lsd' | 'pex' | 'tracker' | 'incoming'

/** `host:port`, with IPv6 addresses in brackets; serves as the key of an address in maps. */
export function formatAddress(address: PeerAddress): string {
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`
}
