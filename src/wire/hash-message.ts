import { type Decoded, decoded, undecodable } from '../base/decoded.ts'
import { type HashRequest, MOST_HASHES, uncleCount } from '../torrent/hash-request.ts'
import { MERKLE_HASH_BYTES } from '../torrent/merkle-tree.ts'
import type { LinkHandler } from './link.ts'
import { MESSAGE_ID } from './message-ids.ts'
import { MAX_PROOF_LAYERS } from './wire-limits.ts'

/** A message about hashes of a merkle tree (BEP 52): they are asked for, given, or refused. */
export type HashMessage =
  | { readonly kind: 'request' | 'reject'; readonly request: HashRequest }
  /** Those that `request` names, and behind them the ones that prove them. */
  | { readonly kind: 'hashes'; readonly request: HashRequest; readonly hashes: Uint8Array }

/** What stands in each of these messages: the root, and four numbers of 32 bits. */
const REQUEST_BYTES: number = MERKLE_HASH_BYTES + 16

const ids = { request: MESSAGE_ID.hashRequest, hashes: MESSAGE_ID.hashes, reject: MESSAGE_ID.hashReject } as const

/** The id of the message. */
export function idOfHashMessage({ kind }: HashMessage): number {
  return ids[kind]
}

/** The payload behind the id. */
export function encodeHashMessage(message: HashMessage): Uint8Array {
  const { root, baseLayer, index, length, proofLayers } = message.request
  const payload = Buffer.alloc(REQUEST_BYTES + (message.kind === 'hashes' ? message.hashes.length : 0))
  payload.set(root)
  for (const [place, value] of [baseLayer, index, length, proofLayers].entries())
    payload.writeUInt32BE(value, MERKLE_HASH_BYTES + 4 * place)
  if (message.kind === 'hashes') payload.set(message.hashes, REQUEST_BYTES)
  return payload
}

/** What is wrong with a payload of `bytes` under `id`, told before any of it is kept. */
export function hashMessageFault(id: number, bytes: number): string | undefined {
  const hashes = bytes - REQUEST_BYTES
  const isWhole = id === ids.hashes ? hashes > 0 && hashes % MERKLE_HASH_BYTES === 0 : hashes === 0
  return isWhole ? undefined : `message ${id} with ${bytes} bytes of payload`
}

/** Decodes a message that has no `hashMessageFault` and hands it on, or returns what is wrong with it. */
export function receiveHashMessage(id: number, payload: Buffer, handler: Pick<LinkHandler, 'onHashMessage'>): string | undefined {
  const message = decodeHashMessage(id, payload)
  if (!message.ok) return message.fault
  handler.onHashMessage(message.value)
  return undefined
}

/**
 * Reads a payload that has no `hashMessageFault`; the values are copies. A request may ask for what does not exist, which is refused
 * and no fault (BEP 52). Hashes come in the number that the message says, and that number is one which can be asked for.
 */
export function decodeHashMessage(id: number, payload: Buffer): Decoded<HashMessage> {
  const number = (place: number): number => payload.readUInt32BE(MERKLE_HASH_BYTES + 4 * place)
  const root = Uint8Array.from(payload.subarray(0, MERKLE_HASH_BYTES))
  const request = { root, baseLayer: number(0), index: number(1), length: number(2), proofLayers: number(3) }
  if (id !== ids.hashes) return decoded({ kind: id === ids.request ? 'request' : 'reject', request })
  const { length, proofLayers } = request
  if (length > MOST_HASHES || !Number.isInteger(Math.log2(length))) return undecodable(`${length} hashes from one layer`)
  if (proofLayers > MAX_PROOF_LAYERS) return undecodable(`${proofLayers} proof layers`)
  const hashes = payload.subarray(REQUEST_BYTES)
  const expected = length + uncleCount(request)
  if (hashes.length !== expected * MERKLE_HASH_BYTES)
    return undecodable(`${hashes.length / MERKLE_HASH_BYTES} hashes instead of ${expected}`)
  return decoded({ kind: 'hashes', request, hashes: Uint8Array.from(hashes) })
}
