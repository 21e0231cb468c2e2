import { constants } from 'node:fs'
import { type FileHandle, open, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { quoteName } from '../torrent/quote-name.ts'
import { failure } from './failure.ts'
import { PausableTimer } from './pausable-timer.ts'
import type { FileStep } from './read-steps.ts'
import type { WebSeedTimeOuts } from './time-outs.ts'
import type { RangeRead, RangeReader, WebSeedFailure } from './web-seed.ts'

/** Where a file lies and what it must be. */
export interface FilePlace {
  /** The content: a file, or the folder that `elements` lead down from. */
  readonly root: Promise<string>
  readonly elements: readonly string[]
  readonly fileBytes: number
  /** False if the file was another one when it was first opened. */
  isKnown(stamp: string): boolean
}

/** A part of a file in a folder, read piece by piece; nothing outside of the folder is opened, whatever links lie in it. */
export class FolderRead implements RangeRead {
  readonly #place: FilePlace
  readonly #step: FileStep
  readonly #timeOuts: WebSeedTimeOuts
  readonly #reader: RangeReader
  readonly #timer: PausableTimer
  #isPaused = false
  #isOver = false
  #onResume: (() => void) | undefined

  constructor(place: FilePlace, step: FileStep, parts: { readonly clock: Clock; readonly timeOuts: WebSeedTimeOuts }, reader: RangeReader) {
    this.#place = place
    this.#step = step
    this.#timeOuts = parts.timeOuts
    this.#reader = reader
    this.#timer = new PausableTimer(parts.clock)
  }

  start(): this {
    void this.#run()
    return this
  }

  pause(): void {
    this.#isPaused = true
    this.#timer.pause()
  }

  resume(): void {
    this.#isPaused = false
    this.#timer.resume()
    this.#onResume?.()
  }

  cancel(): void {
    this.#isOver = true
    this.#timer.clear()
    this.#onResume?.()
  }

  async #run(): Promise<void> {
    let path = ''
    let handle: FileHandle | undefined
    try {
      this.#expectProgress()
      const root = await this.#place.root
      path = join(root, ...this.#place.elements)
      handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
      const failed = (await this.#faultOf(handle, path, root)) ?? (await this.#readAll(handle, path))
      this.#end(failed)
    } catch (error) {
      this.#end(diskFailure(error, path))
    } finally {
      await handle?.close().catch(() => {})
    }
  }

  async #faultOf(handle: FileHandle, path: string, root: string): Promise<WebSeedFailure | undefined> {
    const name = quoteName(path)
    const opened = await handle.stat()
    if (!opened.isFile()) return failure('missing', `${name} is not a file.`)
    const [realRoot, realPath] = await Promise.all([realpath(root), realpath(path)])
    const real = await stat(realPath)
    const isInside = realPath === realRoot || realPath.startsWith(realRoot.endsWith(sep) ? realRoot : `${realRoot}${sep}`)
    // The path may have come to lead elsewhere since the file was opened: what counts is that this very file lies inside.
    if (!isInside || real.ino !== opened.ino || real.dev !== opened.dev) return failure('refused', `${name} leads out of the folder.`)
    if (opened.size !== this.#place.fileBytes) {
      return failure('changed', `${name} has ${opened.size} bytes instead of ${this.#place.fileBytes}: it is another file.`, {
        isFinal: true,
      })
    }
    if (this.#place.isKnown(`${opened.dev} ${opened.ino} ${opened.mtimeMs}`)) return undefined
    return failure('changed', `${name} is another file than when it was first read.`)
  }

  async #readAll(handle: FileHandle, path: string): Promise<WebSeedFailure | undefined> {
    const { fileOffsetBytes, lengthBytes } = this.#step
    const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, lengthBytes))
    let done = 0
    while (done < lengthBytes) {
      if (this.#isPaused && !this.#isOver) await this.#resumed()
      if (this.#isOver) return undefined
      this.#expectProgress()
      const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, lengthBytes - done), fileOffsetBytes + done)
      if (this.#isPaused && !this.#isOver) await this.#resumed()
      if (this.#isOver) return undefined
      if (bytesRead === 0) return failure('changed', `${quoteName(path)} became shorter while it was read.`, { isFinal: true })
      done += bytesRead
      this.#reader.onBytes(buffer.subarray(0, bytesRead))
    }
    return undefined
  }

  #expectProgress(): void {
    const { silenceMs } = this.#timeOuts
    this.#timer.set(silenceMs, () => this.#end(failure('silent', `The disk or mount gives nothing for ${silenceMs / 1_000} s.`)))
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

function diskFailure(error: unknown, path: string): WebSeedFailure {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown reason'
  const name = quoteName(path)
  if (code === 'ENOENT' || code === 'ENOTDIR') return failure('missing', `There is no file ${name}.`)
  if (code === 'EACCES' || code === 'EPERM') return failure('denied', `${name} may not be read.`)
  if (code === 'ELOOP') return failure('refused', `${name} is a link, which is not followed.`)
  return failure('unreachable', `${name} cannot be read (${code}).`)
}
