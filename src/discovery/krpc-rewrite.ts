import type { PeerAddress } from '../base/address.ts'
import { concatBytes, utf8Bytes } from '../base/bytes.ts'
import { COMPACT_NODE_BYTES, type KrpcMessage, LISTED_PEER_BYTES } from './krpc-guard.ts'

/** A reply of ours is never longer than this, in bytes, so that a forged question gains its sender little (ten times at the very most). */
export const MAX_REPLY_BYTES = 900
/** Peers in a reply of ours. */
export const MAX_REPLY_PEERS = 25
/** Nodes in a reply of ours (BEP 5: the K closest, K is 8). */
export const MAX_REPLY_NODES = 8
/** Peers that we believe from one reply. */
export const MAX_BELIEVED_PEERS = 100
/** Nodes that we believe from one reply. */
export const MAX_BELIEVED_NODES = 32

/** One change to the bytes of a message: what stands from `start` to `end` becomes `bytes`. */
interface Edit {
  readonly start: number
  readonly end: number
  readonly bytes: Uint8Array
}

/** A question of ours as it leaves: with `transaction` for its id and, if `isReadOnly`, the mark of BEP 43. */
export function rewriteQuestion(bytes: Uint8Array, message: KrpcMessage, transaction: Uint8Array, isReadOnly: boolean): Uint8Array {
  const edits = [transactionEdit(message, transaction)]
  if (isReadOnly && !message.isReadOnly) {
    const keyStart = startOfPrefix(message.transactionStart, message.transactionEnd) - '1:t'.length
    edits.unshift({ start: keyStart, end: keyStart, bytes: utf8Bytes('2:roi1e') })
  }
  return edited(bytes, edits)
}

/** An answer as the library sees it: its own number for the id, and only nodes and peers for which `isWanted`, in bounded number. */
export function rewriteAnswer(
  bytes: Uint8Array,
  message: KrpcMessage,
  transaction: Uint8Array,
  isWanted: (address: PeerAddress) => boolean,
): Uint8Array {
  return edited(bytes, [
    ...nodesEdit(bytes, message, MAX_BELIEVED_NODES, isWanted),
    transactionEdit(message, transaction),
    ...valuesEdit(bytes, message, MAX_BELIEVED_PEERS, isWanted),
  ])
}

/** A reply of ours as it leaves: the nearest 8 nodes and any 25 peers; undefined if it is longer than 900 bytes even so. */
export function trimReply(bytes: Uint8Array, message: KrpcMessage): Uint8Array | undefined {
  const everyone = (): boolean => true
  const edits = [...nodesEdit(bytes, message, MAX_REPLY_NODES, everyone), ...valuesEdit(bytes, message, MAX_REPLY_PEERS, everyone)]
  const trimmed = edits.length === 0 ? bytes : edited(bytes, edits)
  return trimmed.length <= MAX_REPLY_BYTES ? trimmed : undefined
}

/** The address in the six bytes at `start`. */
export function addressAt(bytes: Uint8Array, start: number): PeerAddress {
  return {
    host: `${bytes[start]}.${bytes[start + 1]}.${bytes[start + 2]}.${bytes[start + 3]}`,
    port: ((bytes[start + 4] as number) << 8) | (bytes[start + 5] as number),
  }
}

function transactionEdit({ transactionStart, transactionEnd }: KrpcMessage, transaction: Uint8Array): Edit {
  return stringEdit(transactionStart, transactionEnd, transaction)
}

function nodesEdit(bytes: Uint8Array, message: KrpcMessage, limit: number, isWanted: (address: PeerAddress) => boolean): Edit[] {
  const kept: Uint8Array[] = []
  for (let start = message.nodesStart; start < message.nodesEnd && kept.length < limit; start += COMPACT_NODE_BYTES) {
    if (isWanted(addressAt(bytes, start + 20))) kept.push(bytes.subarray(start, start + COMPACT_NODE_BYTES))
  }
  if (kept.length * COMPACT_NODE_BYTES === message.nodesEnd - message.nodesStart) return []
  return [stringEdit(message.nodesStart, message.nodesEnd, concatBytes(kept))]
}

function valuesEdit(bytes: Uint8Array, message: KrpcMessage, limit: number, isWanted: (address: PeerAddress) => boolean): Edit[] {
  if (message.valuesStart < 0) return []
  const start = message.valuesStart + 1
  const end = message.valuesEnd - 1
  const kept: Uint8Array[] = []
  for (let at = start; at < end && kept.length < limit; at += LISTED_PEER_BYTES) {
    if (isWanted(addressAt(bytes, at + 2))) kept.push(bytes.subarray(at, at + LISTED_PEER_BYTES))
  }
  return kept.length * LISTED_PEER_BYTES === end - start ? [] : [{ start, end, bytes: concatBytes(kept) }]
}

function stringEdit(start: number, end: number, content: Uint8Array): Edit {
  return { start: startOfPrefix(start, end), end, bytes: concatBytes([utf8Bytes(`${content.length}:`), content]) }
}

/** Where the length prefix of the string content from `start` to `end` begins; canonical bencode spells it in one way only. */
function startOfPrefix(start: number, end: number): number {
  return start - `${end - start}:`.length
}

function edited(bytes: Uint8Array, edits: readonly Edit[]): Uint8Array {
  const parts: Uint8Array[] = []
  let position = 0
  for (const edit of edits.toSorted((left, right) => left.start - right.start)) {
    parts.push(bytes.subarray(position, edit.start), edit.bytes)
    position = edit.end
  }
  return concatBytes([...parts, bytes.subarray(position)])
}
