/** A place on the network as a person or a file names it: `host` is a name or an address (IPv6 without brackets), `port` is 1 to 65535. */
export interface HostPort {
  readonly host: string
  readonly port: number
}
