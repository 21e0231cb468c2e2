import { createCipheriv } from 'node:crypto'
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { MiB } from '../../src/base/units.ts'

/** `random` fills the file; `sparse` leaves holes and writes only a distinct mark at the start of every piece. */
export type PayloadKind = 'random' | 'sparse'

/** Writes a file of content that is the same on every machine and at any time, and does not compress. */
export function writePayload(file: string, sizeBytes: number, kind: PayloadKind, pieceLength: number): void {
  const descriptor = openSync(file, 'w')
  try {
    if (kind === 'random') writeRandom(descriptor, sizeBytes)
    else writeMarks(descriptor, sizeBytes, pieceLength)
  } finally {
    closeSync(descriptor)
  }
}

function writeRandom(descriptor: number, sizeBytes: number): void {
  const stream = createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), Buffer.alloc(16))
  const zeros = Buffer.alloc(MiB)
  for (let written = 0; written < sizeBytes; written += MiB) {
    writeSync(descriptor, stream.update(zeros.subarray(0, Math.min(MiB, sizeBytes - written))))
  }
}

function writeMarks(descriptor: number, sizeBytes: number, pieceLength: number): void {
  ftruncateSync(descriptor, sizeBytes)
  for (let offset = 0; offset < sizeBytes; offset += pieceLength) {
    const mark = Buffer.from(`piece at ${offset}\n`).subarray(0, sizeBytes - offset)
    writeSync(descriptor, mark, 0, mark.length, offset)
  }
}
