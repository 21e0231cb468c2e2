/** Where a peer may listen, as a person or a magnet writes it: an IPv4 or IPv6 address, or a host name that is still to be looked up. */
export interface PeerHost {
  readonly host: string
  readonly port: number
}

/** Reads `host:port` or `[IPv6]:port`; undefined unless the host is an address (IPv6 without zone) or a well-formed name and the port 1 to 65535. */
export function parsePeerHost(text: string): PeerHost | undefined {
  const parts = /^(?:\[([0-9A-Fa-f:.]{2,45})\]|([0-9A-Za-z_.-]{1,253})):([0-9]{1,5})$/.exec(text)
  if (parts === null) return undefined
  const [, address, name, digits] = parts
  const port = Number(digits)
  if (port < 1 || port > 65_535) return undefined
  if (address !== undefined) {
    // The URL parser checks the address and gives its shortest form.
    const url = `http://[${address}]`
    return URL.canParse(url) ? { host: new URL(url).hostname.slice(1, -1), port } : undefined
  }
  return name !== undefined && isHostName(name) ? { host: name.toLowerCase(), port } : undefined
}

/** True for names and IPv4 addresses; what ends in a number must be a whole IPv4 address, so that `1.2.3` or `0x7f.1` are not guessed at. */
function isHostName(name: string): boolean {
  const labels = name.replace(/\.$/, '').split('.')
  if (!labels.every((label) => /^(?!-)[0-9A-Za-z_-]{1,63}(?<!-)$/.test(label))) return false
  const last = labels[labels.length - 1] as string
  if (!/^(?:[0-9]+|0[xX][0-9A-Fa-f]*)$/.test(last)) return true
  return labels.length === 4 && labels.every((label) => /^(?:0|[1-9][0-9]{0,2})$/.test(label) && Number(label) <= 255)
}
