import type { DistroEvent } from '../test/support/distro-process.ts'

/** What one process told, and where others reach it. */
export interface Teller {
  readonly name: string
  readonly address: string
  readonly events: readonly DistroEvent[]
}

/** Who received how many bytes from whom: receiver, then sender, then bytes. */
export type Traffic = ReadonlyMap<string, ReadonlyMap<string, number>>

/**
 * Adds up who received how much from whom, out of the `peer` events of all processes. An event names the other side by its
 * peer id only, and a process does not tell its own: it is learnt from those who dialled the process at its address, or else
 * it is the one id that everybody knows but the process itself.
 */
export function trafficAmong(tellers: readonly Teller[]): Traffic {
  const names = namesByPeerId(tellers)
  const traffic = new Map<string, Map<string, number>>()
  for (const { name, events } of tellers) {
    const received = new Map<string, number>()
    for (const event of peerEvents(events)) {
      const sender = names.get(String(event.peerId))
      if (event.kind === 'disconnected' && sender !== undefined) {
        received.set(sender, (received.get(sender) ?? 0) + Number(event.downloadedBytes))
      }
    }
    traffic.set(name, received)
  }
  return traffic
}

/** The bytes that `sender` gave to everybody. */
export function sentBy(sender: string, traffic: Traffic): number {
  return [...traffic.values()].reduce((sum, received) => sum + (received.get(sender) ?? 0), 0)
}

function namesByPeerId(tellers: readonly Teller[]): Map<string, string> {
  const nameByAddress = new Map(tellers.map(({ name, address }) => [address, name]))
  const names = new Map<string, string>()
  for (const event of tellers.flatMap(({ events }) => peerEvents(events))) {
    const name = nameByAddress.get(String(event.address))
    if (name !== undefined) names.set(String(event.peerId), name)
  }
  const ids = new Set(tellers.flatMap(({ events }) => peerEvents(events).map(({ peerId }) => String(peerId))))
  for (const { name, events } of tellers) {
    if ([...names.values()].includes(name)) continue
    const met = new Set(peerEvents(events).map(({ peerId }) => String(peerId)))
    const [own, ...others] = [...ids].filter((id) => !names.has(id) && !met.has(id))
    if (own !== undefined && others.length === 0) names.set(own, name)
  }
  return names
}

function peerEvents(events: readonly DistroEvent[]): DistroEvent[] {
  return events.filter(({ type }) => type === 'peer')
}
