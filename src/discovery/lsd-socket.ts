import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import type { PeerAddress } from '../base/address.ts'

/** The multicast groups of BEP 14. */
const groups = { IPv4: '239.192.152.143', IPv6: 'ff15::efc0:988f' } as const

/** The port of BEP 14. */
export const LSD_PORT = 6771

const MAX_INTERFACES = 16

/** One interface of this machine, in one of the two protocols. */
export interface LsdInterface {
  readonly name: string
  readonly family: 'IPv4' | 'IPv6'
  readonly address: string
}

/** A socket that hears and speaks multicast on one interface. */
export interface LsdSocket {
  /** `group:port` as the `Host` header spells it. */
  readonly group: string
  /** True once the datagram has left. */
  send(bytes: Uint8Array): Promise<boolean>
  close(): void
}

/** The interfaces on which to speak: those of `bindHost`, or all that are there, loopback too, if it is `0.0.0.0` or `::`. */
export function lsdInterfaces(bindHost: string): readonly LsdInterface[] {
  const found: LsdInterface[] = []
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    for (const { family, address } of addresses ?? []) {
      const isWanted = bindHost === '::' || (bindHost === '0.0.0.0' && family === 'IPv4') || bindHost === address
      // Nobody dials a link-local address that came in a message, so to speak from one is of no use.
      if (address.startsWith('fe80:')) continue
      const isFirst = !found.some((other) => other.name === name && other.family === family)
      if (isWanted && isFirst) found.push({ name, family, address })
    }
  }
  return found.slice(0, MAX_INTERFACES)
}

/** Joins the group on one interface; several processes may share the port. Undefined if the interface does no multicast. */
export async function openLsdSocket(
  { name, family, address }: LsdInterface,
  port: number,
  onMessage: (bytes: Uint8Array, from: PeerAddress) => void,
): Promise<LsdSocket | undefined> {
  const group = groups[family]
  const via = family === 'IPv4' ? address : `::%${name}`
  const socket = createSocket({ type: family === 'IPv4' ? 'udp4' : 'udp6', reuseAddr: true, ipv6Only: family === 'IPv6' })
  socket.on('message', (bytes, from) => onMessage(bytes, { host: from.address, port: from.port }))
  try {
    socket.bind({ port, exclusive: true })
    await once(socket, 'listening')
    socket.addMembership(group, via)
    socket.setMulticastInterface(via)
  } catch {
    socket.close()
    return undefined
  }
  socket.on('error', () => {})
  return {
    group: family === 'IPv4' ? `${group}:${port}` : `[${group}]:${port}`,
    send: (bytes) => sendTo(socket, bytes, group, port),
    close: () => socket.close(),
  }
}

function sendTo(socket: Socket, bytes: Uint8Array, group: string, port: number): Promise<boolean> {
  return new Promise((resolve) => socket.send(bytes, port, group, (error) => resolve(error === null)))
}
