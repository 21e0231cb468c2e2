import type { Clock } from '../../base/clock.ts'
import type { PieceGeometry } from '../../torrent/piece-geometry.ts'
import type { WebSeedContent } from '../content.ts'
import { lackingFile } from '../lacking-file.ts'
import { type FileStep, fileSteps, type PaddingStep } from '../read-steps.ts'
import { StepWebSeed } from '../step-web-seed.ts'
import type { WebSeedTimeOuts } from '../time-outs.ts'
import type { ContentRange, RangeRead, RangeReader } from '../web-seed.ts'
import { FolderDisk } from './folder-disk.ts'
import { type FilePlace, FolderRead } from './folder-read.ts'

/** What a `FolderWebSeed` is made of. */
export interface FolderWebSeedParts {
  /** Absolute. */
  readonly path: string
  readonly content: WebSeedContent
  readonly geometry: PieceGeometry
  readonly clock: Clock
  readonly timeOuts: WebSeedTimeOuts
  /** What makes the calls to the disk; a process of its own when absent. */
  readonly disk?: FolderDisk
}

/**
 * A folder on this machine or mounted on it: the content itself, or the folder that holds it under its name, as `seed` and `fetch`
 * know both.
 */
export class FolderWebSeed extends StepWebSeed<FileStep> {
  readonly #parts: FolderWebSeedParts
  /** What a file was when it was first opened, by its index. */
  readonly #stamps = new Map<number, string>()
  readonly #disk: FolderDisk

  constructor(parts: FolderWebSeedParts) {
    super(parts.path)
    this.#parts = parts
    this.#disk = parts.disk ?? new FolderDisk(parts.clock)
  }

  protected override stepsOf(range: ContentRange): readonly (FileStep | PaddingStep)[] {
    return fileSteps(this.#parts.content, this.#parts.geometry, range)
  }

  protected override async letGo(): Promise<void> {
    this.#disk.close()
  }

  protected override readStep(step: FileStep, reader: RangeReader): RangeRead {
    const { path, content, clock, timeOuts } = this.#parts
    const { name, isSingleFile, files } = content.info
    const file = files[step.fileIndex]
    const place: FilePlace = {
      opening: { kind: 'open', file: this.#disk.newFile(), path, name, isSingleFile, elements: isSingleFile ? [] : (file?.path ?? []) },
      fileBytes: file?.lengthBytes ?? 0,
      isKnown: (stamp: string): boolean => {
        const known = this.#stamps.get(step.fileIndex)
        if (known === stamp) return true
        // As with a server, the next read takes what is there now.
        if (known === undefined) this.#stamps.set(step.fileIndex, stamp)
        else this.#stamps.delete(step.fileIndex)
        return known === undefined
      },
    }
    const fileReader: RangeReader = {
      onBytes: (bytes) => reader.onBytes(bytes),
      onEnd: (failure) => reader.onEnd(failure && lackingFile(failure, content, step.fileIndex)),
    }
    return new FolderRead(place, step, { disk: this.#disk, clock, timeOuts }, fileReader).start()
  }
}
