import { readv } from 'node:fs'
import type { DistroError } from '../base/errors.ts'
import { diskErrorFromCode, systemCode } from './disk-error.ts'
import { type FileLayout, PADDING, type StoredSpan } from './file-layout.ts'
import { FILES_AT_ONCE, type OpenFiles } from './open-files.ts'

type Done = (error: DistroError | undefined) => void

/** Reads runs of pieces through libuv's threads, straight into the caller's memory, whichever files they span. */
export class PieceReader {
  readonly #layout: FileLayout
  readonly #files: OpenFiles

  constructor(layout: FileLayout, files: OpenFiles) {
    this.#layout = layout
    this.#files = files
  }

  /** Fills `bodies`, one after the other, from `begin` of `piece` on; a file that ends too early is an error. */
  read(piece: number, begin: number, bodies: readonly Uint8Array[], done: Done): void {
    let lengthBytes = 0
    for (const body of bodies) lengthBytes += body.length
    this.#readGroups(this.#layout.spans(piece, begin, lengthBytes), 0, begin, bodies, done)
  }

  #readGroups(spans: readonly StoredSpan[], first: number, begin: number, bodies: readonly Uint8Array[], done: Done): void {
    if (first >= spans.length) {
      done(undefined)
      return
    }
    const group = spans.slice(first, first + FILES_AT_ONCE)
    const held = group.filter((span) => span.file !== PADDING).map((span) => span.file)
    this.#files.acquire(held, (error, descriptors) => {
      if (error !== undefined) {
        done(error)
        return
      }
      this.#readGroup(group, descriptors, begin, bodies, (failure) => {
        this.#files.release(held)
        if (failure !== undefined) done(failure)
        else this.#readGroups(spans, first + FILES_AT_ONCE, begin, bodies, done)
      })
    })
  }

  #readGroup(group: readonly StoredSpan[], descriptors: readonly number[], begin: number, bodies: readonly Uint8Array[], done: Done): void {
    let pending = 1
    let failure: DistroError | undefined
    const settle = (error?: DistroError): void => {
      failure ??= error
      if (--pending === 0) done(failure)
    }
    let next = 0
    for (const span of group) {
      const parts = partsOf(bodies, span.pieceOffset - begin, span.lengthBytes)
      if (span.file === PADDING) {
        for (const part of parts) part.fill(0)
        continue
      }
      pending++
      readv(descriptors[next++] as number, parts, span.position, (error, readBytes) => {
        if (error === null && readBytes === span.lengthBytes) {
          settle()
          return
        }
        settle(diskErrorFromCode(error === null ? 'SHORT' : systemCode(error), 'read', this.#layout.pathOf(span.file), error ?? undefined))
      })
    }
    settle()
  }
}

/** The parts of `bodies`, seen as one run of bytes, that hold `lengthBytes` from `start` on. */
function partsOf(bodies: readonly Uint8Array[], start: number, lengthBytes: number): Uint8Array[] {
  const parts: Uint8Array[] = []
  const end = start + lengthBytes
  let at = 0
  for (const body of bodies) {
    const from = Math.max(start - at, 0)
    const to = Math.min(end - at, body.length)
    if (from < to) parts.push(from === 0 && to === body.length ? body : body.subarray(from, to))
    at += body.length
  }
  return parts
}
