import { createHash } from 'node:crypto'
import { Bitfield } from '../base/bitfield.ts'
import { concatBytes, equalBytes, utf8Bytes } from '../base/bytes.ts'
import { type Decoded, decoded, undecodable } from '../base/decoded.ts'
import type { FileStamp } from './file-stamp.ts'

/** What a fetch writes down for the next run. It is a hint: whoever reads it checks it against the files. */
export interface ResumeState {
  readonly infoHash: Uint8Array
  readonly verified: Bitfield
  /** The state of every file of the staged layout that exists, by its number. */
  readonly stamps: ReadonlyMap<number, FileStamp>
}

/** A new version is a new word: a file of another version is not read at all. */
const MAGIC = utf8Bytes('distro resume 1\n')
const HASH_BYTES = 20
const STAMP_BYTES = 36
const CHECKSUM_BYTES = 32

/**
 * The bytes of a state file: the magic words, the info-hash, the numbers of pieces and stamps, the bitfield, the stamps
 * (file number, length, modification time, change time, inode; big-endian), and a SHA-256 of all that.
 */
export function encodeResumeState(state: ResumeState): Uint8Array {
  const counts = new DataView(new ArrayBuffer(8))
  counts.setUint32(0, state.verified.length)
  counts.setUint32(4, state.stamps.size)
  const stamps = new DataView(new ArrayBuffer(state.stamps.size * STAMP_BYTES))
  let at = 0
  for (const [file, stamp] of state.stamps) {
    stamps.setUint32(at, file)
    stamps.setBigUint64(at + 4, BigInt(stamp.lengthBytes))
    stamps.setBigInt64(at + 12, stamp.mtimeNs)
    stamps.setBigInt64(at + 20, stamp.ctimeNs)
    stamps.setBigUint64(at + 28, stamp.inode)
    at += STAMP_BYTES
  }
  const content = concatBytes([MAGIC, state.infoHash, asBytes(counts), state.verified.bytes, asBytes(stamps)])
  return concatBytes([content, sha256(content)])
}

/** Reads a state file back; a fault for anything but the exact bytes that `encodeResumeState` made for `infoHash` and `pieceCount`. */
export function decodeResumeState(bytes: Uint8Array, infoHash: Uint8Array, pieceCount: number): Decoded<ResumeState> {
  const headBytes = MAGIC.length + HASH_BYTES + 8
  if (bytes.length < headBytes + CHECKSUM_BYTES) return undecodable('shorter than its fixed part')
  const content = bytes.subarray(0, bytes.length - CHECKSUM_BYTES)
  if (!equalBytes(content.subarray(0, MAGIC.length), MAGIC)) return undecodable('not a state file of this version')
  if (!equalBytes(sha256(content), bytes.subarray(content.length))) return undecodable('the checksum does not match')
  if (!equalBytes(content.subarray(MAGIC.length, MAGIC.length + HASH_BYTES), infoHash)) return undecodable('for another torrent')
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength)
  const pieces = view.getUint32(headBytes - 8)
  const stampCount = view.getUint32(headBytes - 4)
  if (pieces !== pieceCount) return undecodable(`for ${pieces} pieces instead of ${pieceCount}`)
  const stampsAt = headBytes + ((pieces + 7) >> 3)
  if (content.length !== stampsAt + stampCount * STAMP_BYTES) return undecodable('the length does not match the counts')
  const verified = Bitfield.fromBytes(content.slice(headBytes, stampsAt), pieces)
  if (verified === undefined) return undecodable('bits beyond the last piece')
  const stamps = new Map<number, FileStamp>()
  for (let at = stampsAt; at < content.length; at += STAMP_BYTES) {
    stamps.set(view.getUint32(at), {
      lengthBytes: Number(view.getBigUint64(at + 4)),
      mtimeNs: view.getBigInt64(at + 12),
      ctimeNs: view.getBigInt64(at + 20),
      inode: view.getBigUint64(at + 28),
    })
  }
  return decoded({ infoHash, verified, stamps })
}

function asBytes(view: DataView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest()
}
