import type { Hash } from 'node:crypto'
import { KiB } from '../base/units.ts'

/** Hashes `lengthBytes` zeros: the padding behind a file of a hybrid (BEP 47), which is in no memory and on no disk. */
export function addZeros(hash: Hash, lengthBytes: number): void {
  for (let leftBytes = lengthBytes; leftBytes > 0; leftBytes -= zeros.length) {
    hash.update(leftBytes < zeros.length ? zeros.subarray(0, leftBytes) : zeros)
  }
}

const zeros = new Uint8Array(64 * KiB)
