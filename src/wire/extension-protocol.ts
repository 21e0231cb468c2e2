import { decodeCopyMessage } from './copy-message.ts'
import { decodeExtensionHandshake } from './extension-handshake.ts'
import type { LinkHandler } from './link.ts'
import { decodeMetadataMessage } from './metadata-message.ts'
import { decodePartQuestion, decodePartSums } from './part-message.ts'
import { decodePeerExchange } from './peer-exchange-message.ts'
import {
  MAX_COPY_MESSAGE_BYTES,
  MAX_EXTENSION_HANDSHAKE_BYTES,
  MAX_METADATA_MESSAGE_BYTES,
  MAX_PART_QUESTION_BYTES,
  MAX_PART_SUMS_BYTES,
  MAX_PEER_EXCHANGE_BYTES,
  MAX_PIECES,
} from './wire-limits.ts'

/** The id of the extended handshake itself (BEP 10). */
export const EXTENSION_HANDSHAKE_ID = 0

/** The ids under which we want extended messages (BEP 10): ut_metadata (BEP 9), ut_pex (BEP 11), lt_donthave (BEP 54) and our own. */
export const OWN_EXTENSION_IDS = { metadata: 1, peerExchange: 2, dontHave: 3, copy: 4, copyHeard: 5, parts: 6, partSums: 7 } as const

/** What may come under each of our ids: how many bytes at most, and who decodes them; `receive` returns what is wrong with them. */
interface IncomingExtension {
  readonly maxBytes: number
  receive(payload: Uint8Array, pieceCount: number, handler: LinkHandler): string | undefined
}

const incoming = new Map<number, IncomingExtension>([
  [EXTENSION_HANDSHAKE_ID, { maxBytes: MAX_EXTENSION_HANDSHAKE_BYTES, receive: receiveHandshake }],
  [OWN_EXTENSION_IDS.metadata, { maxBytes: MAX_METADATA_MESSAGE_BYTES, receive: receiveMetadata }],
  [OWN_EXTENSION_IDS.peerExchange, { maxBytes: MAX_PEER_EXCHANGE_BYTES, receive: receivePeerExchange }],
  [OWN_EXTENSION_IDS.dontHave, { maxBytes: 4, receive: receiveDontHave }],
  [OWN_EXTENSION_IDS.copy, { maxBytes: MAX_COPY_MESSAGE_BYTES, receive: receiveCopy }],
  [OWN_EXTENSION_IDS.copyHeard, { maxBytes: MAX_COPY_MESSAGE_BYTES, receive: receiveCopyHeard }],
  [OWN_EXTENSION_IDS.parts, { maxBytes: MAX_PART_QUESTION_BYTES, receive: receivePartQuestion }],
  [OWN_EXTENSION_IDS.partSums, { maxBytes: MAX_PART_SUMS_BYTES, receive: receivePartSums }],
])

/** How long the payload of an extended message may be, or undefined under an id that we did not hand out. */
export function maxExtendedBytes(ownId: number): number | undefined {
  return incoming.get(ownId)?.maxBytes
}

/** Decodes an extended message and hands it on, or returns what is wrong with it. `pieceCount` is 0 while it is unknown. */
export function receiveExtended(ownId: number, payload: Uint8Array, pieceCount: number, handler: LinkHandler): string | undefined {
  return incoming.get(ownId)?.receive(payload, pieceCount, handler)
}

function receiveHandshake(payload: Uint8Array, _pieceCount: number, handler: LinkHandler): string | undefined {
  const handshake = decodeExtensionHandshake(payload)
  if (!handshake.ok) return `a bad extended handshake: ${handshake.fault}`
  handler.onExtensionHandshake(handshake.value)
  return undefined
}

function receiveMetadata(payload: Uint8Array, _pieceCount: number, handler: LinkHandler): string | undefined {
  const message = decodeMetadataMessage(payload)
  if (!message.ok) return `a bad metadata message: ${message.fault}`
  if (message.value.kind !== 'unknown') handler.onMetadata(message.value)
  return undefined
}

function receivePeerExchange(payload: Uint8Array, _pieceCount: number, handler: LinkHandler): string | undefined {
  const message = decodePeerExchange(payload)
  if (!message.ok) return `a bad peer exchange message: ${message.fault}`
  handler.onPeerExchange(message.value)
  return undefined
}

function receiveDontHave(payload: Uint8Array, pieceCount: number, handler: LinkHandler): string | undefined {
  if (payload.length !== 4) return `a don't-have message of ${payload.length} bytes instead of 4`
  const piece = new DataView(payload.buffer, payload.byteOffset).getUint32(0)
  const limit = pieceLimit(pieceCount)
  if (piece >= limit) return `a don't-have for piece ${piece} of ${limit}`
  handler.onDontHave(piece)
  return undefined
}

function receiveCopy(payload: Uint8Array, _pieceCount: number, handler: LinkHandler): string | undefined {
  const message = decodeCopyMessage(payload)
  if (!message.ok) return `a bad message about a copy: ${message.fault}`
  handler.onCopy(message.value)
  return undefined
}

function receiveCopyHeard(payload: Uint8Array, _pieceCount: number, handler: LinkHandler): string | undefined {
  const message = decodeCopyMessage(payload)
  if (!message.ok) return `a bad answer about a copy: ${message.fault}`
  handler.onCopyHeard(message.value)
  return undefined
}

function receivePartQuestion(payload: Uint8Array, pieceCount: number, handler: LinkHandler): string | undefined {
  const message = decodePartQuestion(payload, pieceLimit(pieceCount))
  if (!message.ok) return `a bad question for parts: ${message.fault}`
  handler.onPartQuestion(message.value)
  return undefined
}

function receivePartSums(payload: Uint8Array, pieceCount: number, handler: LinkHandler): string | undefined {
  const message = decodePartSums(payload, pieceLimit(pieceCount))
  if (!message.ok) return `bad sums of parts: ${message.fault}`
  handler.onPartSums(message.value)
  return undefined
}

/** How many pieces there are, or could be. */
function pieceLimit(pieceCount: number): number {
  return pieceCount > 0 ? pieceCount : MAX_PIECES
}
