import type { Clock, Timer } from '../../base/clock.ts'
import { openFileLimit } from '../../base/open-file-limit.ts'
import { quoteName } from '../../torrent/quote-name.ts'
import { failure } from '../failure.ts'
import type { FileStep } from '../read-steps.ts'
import type { WebSeedTimeOuts } from '../time-outs.ts'
import type { RangeRead, RangeReader, WebSeedFailure } from '../web-seed.ts'
import type { FolderCall } from './folder-calls.ts'
import type { DiskAnswer, FolderDisk } from './folder-disk.ts'

/** Where a file lies and what it must be. */
export interface FilePlace {
  readonly opening: Extract<FolderCall, { kind: 'open' }>
  readonly fileBytes: number
  /** False if the file was another one when it was first opened. */
  isKnown(stamp: string): boolean
}

/** What parts of files are read with. */
export interface FolderReadParts {
  readonly disk: FolderDisk
  readonly clock: Clock
  readonly timeOuts: WebSeedTimeOuts
}

/** A part of a file in a folder, read piece by piece. */
export class FolderRead implements RangeRead {
  readonly #place: FilePlace
  readonly #step: FileStep
  readonly #parts: FolderReadParts
  readonly #reader: RangeReader
  #timer: Timer | undefined
  #isPaused = false
  #isOver = false
  #onResume: (() => void) | undefined

  constructor(place: FilePlace, step: FileStep, parts: FolderReadParts, reader: RangeReader) {
    this.#place = place
    this.#step = step
    this.#parts = parts
    this.#reader = reader
  }

  start(): this {
    void this.#run()
    return this
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#onResume?.()
  }

  cancel(): void {
    this.#isOver = true
    this.#timer?.cancel()
    this.#onResume?.()
  }

  async #run(): Promise<void> {
    const { opening } = this.#place
    const opened = await this.#ask(opening)
    if (opened.kind !== 'opened') return this.#end(failureOf(opened, opening.path))
    this.#end(this.#faultOf(opened) ?? (await this.#readAll(opening.file, opened.path)))
    this.#parts.disk.release(opening.file)
  }

  #faultOf({ path, fileBytes, stamp }: Extract<DiskAnswer, { kind: 'opened' }>): WebSeedFailure | undefined {
    if (this.#isOver) return undefined
    const name = quoteName(path)
    if (fileBytes !== this.#place.fileBytes) {
      return failure('changed', `${name} has ${fileBytes} bytes instead of ${this.#place.fileBytes}: it is another file.`, {
        isFinal: true,
      })
    }
    return this.#place.isKnown(stamp) ? undefined : failure('changed', `${name} is another file than when it was first read.`)
  }

  async #readAll(file: number, path: string): Promise<WebSeedFailure | undefined> {
    const { fileOffsetBytes, lengthBytes } = this.#step
    let done = 0
    while (done < lengthBytes) {
      if (this.#isPaused && !this.#isOver) await this.#resumed()
      if (this.#isOver) return undefined
      const left = Math.min(READ_BYTES, lengthBytes - done)
      const answer = await this.#ask({ kind: 'read', file, offsetBytes: fileOffsetBytes + done, lengthBytes: left })
      if (answer.kind !== 'bytes') return failureOf(answer, this.#place.opening.path)
      if (this.#isPaused && !this.#isOver) await this.#resumed()
      if (this.#isOver) return undefined
      const { bytes } = answer
      if (bytes.length === 0) return failure('changed', `${quoteName(path)} became shorter while it was read.`, { isFinal: true })
      done += bytes.length
      this.#reader.onBytes(bytes)
    }
    return undefined
  }

  /** The time runs while the disk has something to do, paused or not. */
  async #ask(call: FolderCall): Promise<DiskAnswer> {
    const { disk, clock, timeOuts } = this.#parts
    this.#timer = clock.after(timeOuts.silenceMs, () => disk.giveUp())
    const answer = await disk.call(call)
    this.#timer.cancel()
    return answer
  }

  #resumed(): Promise<void> {
    return new Promise((resolve) => {
      this.#onResume = resolve
    })
  }

  #end(failed: WebSeedFailure | undefined): void {
    if (this.#isOver) return
    this.cancel()
    this.#reader.onEnd(failed)
  }
}

const READ_BYTES = 524_288

function failureOf(answer: DiskAnswer, folder: string): WebSeedFailure {
  if (answer.kind === 'hung') return failure('silent', `The disk or mount gives nothing of ${quoteName(folder)} for too long.`)
  if (!('path' in answer)) {
    const limit = 'cause' in answer ? openFileLimit(answer.cause) : undefined
    if (limit !== undefined) return failure('unreachable', `${quoteName(folder)} cannot be read: ${limit.reason}.`)
    return failure('unreachable', `The process that reads ${quoteName(folder)} came to an end.`)
  }
  const name = quoteName(answer.path)
  if (answer.kind === 'not-a-file') return failure('missing', `${name} is not a file.`)
  if (answer.kind === 'outside') return failure('refused', `${name} leads out of the folder.`)
  const code = answer.kind === 'failed' ? answer.code : 'unknown reason'
  if (code === 'ENOENT' || code === 'ENOTDIR') return failure('missing', `There is no file ${name}.`)
  if (code === 'EACCES' || code === 'EPERM') return failure('denied', `${name} may not be read.`)
  if (code === 'ELOOP') return failure('refused', `${name} is a link, which is not followed.`)
  const limit = openFileLimit(code)
  return failure('unreachable', `${name} cannot be read${limit === undefined ? ` (${code})` : `: ${limit.reason}`}.`)
}
