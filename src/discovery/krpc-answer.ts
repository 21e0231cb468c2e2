import type { PeerAddress } from '../base/address.ts'
import { COMPACT_NODE_BYTES, type KrpcMessage, LISTED_PEER_BYTES } from './krpc-guard.ts'
import { addressAt, MAX_BELIEVED_NODES, MAX_BELIEVED_PEERS } from './krpc-rewrite.ts'

/** A node of the DHT: where it is, and its id of 20 bytes. */
export interface DhtContact extends PeerAddress {
  readonly id: Uint8Array
}

/** What a node answered (BEP 5). */
export interface KrpcAnswer {
  readonly from: DhtContact
  readonly nodes: readonly DhtContact[]
  readonly peers: readonly PeerAddress[]
  /** What the node wants to see again when we announce. */
  readonly token: Uint8Array | undefined
}

/** Reads a checked reply; nodes and peers that are not `isWanted` are left out, and there are at most 32 and 100 of them. */
export function readKrpcAnswer(
  bytes: Uint8Array,
  message: KrpcMessage,
  from: PeerAddress,
  isWanted: (address: PeerAddress) => boolean,
): KrpcAnswer {
  const copy = (start: number, end: number): Uint8Array => new Uint8Array(bytes.subarray(start, end))
  const nodes: DhtContact[] = []
  for (let at = message.nodesStart; at < message.nodesEnd && nodes.length < MAX_BELIEVED_NODES; at += COMPACT_NODE_BYTES) {
    const address = addressAt(bytes, at + 20)
    if (isWanted(address)) nodes.push({ ...address, id: copy(at, at + 20) })
  }
  const peers: PeerAddress[] = []
  for (let at = message.valuesStart + 1; at < message.valuesEnd - 1 && peers.length < MAX_BELIEVED_PEERS; at += LISTED_PEER_BYTES) {
    const address = addressAt(bytes, at + 2)
    if (isWanted(address)) peers.push(address)
  }
  const token = message.tokenStart < 0 ? undefined : copy(message.tokenStart, message.tokenEnd)
  return { from: { ...from, id: copy(message.idStart, message.idStart + 20) }, nodes, peers, token }
}
