import { type Decoded, decoded, undecodable } from '../base/decoded.ts'
import {
  asBytes,
  asDictionary,
  asInteger,
  type Bencodable,
  type BencodeDictionary,
  decodeBencode,
  encodeBencode,
} from '../torrent/bencode.ts'
import { PART_SUM_BYTES } from '../torrent/block-parts.ts'
import type { PartQuestion, PartSums } from './extension-messages.ts'
import { MAX_PART_BLOCKS } from './wire-limits.ts'

/** Each block is a number of two bytes, big-endian. */
const BLOCK_NUMBER_BYTES = 2

/** The payload that asks for sums of parts (BEP 10). */
export function encodePartQuestion(question: PartQuestion): Uint8Array {
  return encodeBencode(fieldsOf(question))
}

/** The payload that answers it. */
export function encodePartSums(answer: PartSums): Uint8Array {
  const fields = fieldsOf(answer)
  if (answer.sums !== undefined) fields.set('sums', answer.sums)
  return encodeBencode(fields)
}

/** Reads a question about one of `pieceCount` pieces. A block may be none of the piece's, which is refused and no fault. */
export function decodePartQuestion(payload: Uint8Array, pieceCount: number): Decoded<PartQuestion> {
  const fields = readFields(payload)
  return fields.ok ? readQuestion(fields.value, pieceCount) : fields
}

/** Reads an answer; the sums are a copy of its bytes. */
export function decodePartSums(payload: Uint8Array, pieceCount: number): Decoded<PartSums> {
  const fields = readFields(payload)
  if (!fields.ok) return fields
  const question = readQuestion(fields.value, pieceCount)
  const value = fields.value.get('sums')
  if (!question.ok || value === undefined) return question
  const sums = asBytes(value)
  if (sums === undefined || sums.length === 0 || sums.length % PART_SUM_BYTES !== 0) return undecodable('sums that are none')
  return decoded({ ...question.value, sums: Uint8Array.from(sums) })
}

function fieldsOf({ piece, blocks }: PartQuestion): Map<string, Bencodable> {
  const numbers = Buffer.alloc(blocks.length * BLOCK_NUMBER_BYTES)
  for (const [place, block] of blocks.entries()) numbers.writeUInt16BE(block, place * BLOCK_NUMBER_BYTES)
  return new Map<string, Bencodable>([
    ['blocks', numbers],
    ['piece', piece],
  ])
}

/** Keys that we do not know are not looked at. */
function readFields(payload: Uint8Array): Decoded<BencodeDictionary> {
  const whole = decodeBencode(payload, { maxDepth: 8 })
  if (!whole.ok) return whole
  const fields = asDictionary(whole.value)
  return fields === undefined ? undecodable('not a dictionary') : decoded(fields)
}

function readQuestion(fields: BencodeDictionary, pieceCount: number): Decoded<PartQuestion> {
  const piece = asInteger(fields.get('piece'))
  if (piece === undefined || piece < 0 || piece >= pieceCount) return undecodable(`piece is not 0 to ${pieceCount - 1}`)
  const numbers = asBytes(fields.get('blocks'))
  const count = (numbers?.length ?? 0) / BLOCK_NUMBER_BYTES
  if (numbers === undefined || count < 1 || count > MAX_PART_BLOCKS || !Number.isInteger(count)) {
    return undecodable(`blocks are not 1 to ${MAX_PART_BLOCKS} numbers`)
  }
  const view = new DataView(numbers.buffer, numbers.byteOffset, numbers.length)
  const blocks = Array.from({ length: count }, (_, place) => view.getUint16(place * BLOCK_NUMBER_BYTES))
  const isAscending = blocks.every((block, place) => place === 0 || block > (blocks[place - 1] as number))
  return isAscending ? decoded({ piece, blocks }) : undecodable('blocks are not in ascending order')
}
