import type { PaddingStep } from './read-steps.ts'
import type { RangeRead, RangeReader, WebSeedFailure } from './web-seed.ts'

/** Begins to read what one step names. Calls `reader` only after it returned. */
export type OpenStep<Step> = (step: Step, reader: RangeReader) => RangeRead

/** One range, read step after step: padding is made here, everything else comes from `open`. Forgets itself in `reads` when it is over. */
export class StepReading<Step extends { readonly kind: string }> implements RangeRead {
  readonly #steps: readonly (Step | PaddingStep)[]
  readonly #open: OpenStep<Step>
  readonly #reader: RangeReader
  readonly #reads: Set<RangeRead>
  readonly #stepReader: RangeReader
  #place = 0
  #zerosLeft = 0
  #current: RangeRead | undefined
  #isPaused = false
  #isOver = false

  constructor(steps: readonly (Step | PaddingStep)[], open: OpenStep<Step>, reader: RangeReader, reads: Set<RangeRead>) {
    this.#steps = steps
    this.#open = open
    this.#reader = reader
    this.#reads = reads
    this.#stepReader = {
      onBytes: (bytes) => reader.onBytes(bytes),
      onEnd: (failure) => this.#stepEnded(failure),
    }
    reads.add(this)
    queueMicrotask(() => this.#goOn())
  }

  pause(): void {
    this.#isPaused = true
    this.#current?.pause()
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    if (this.#current === undefined) queueMicrotask(() => this.#goOn())
    else this.#current.resume()
  }

  cancel(): void {
    this.#leave()
    this.#current?.cancel()
  }

  #stepEnded(failure: WebSeedFailure | undefined): void {
    if (this.#isOver) return
    this.#current = undefined
    if (failure === undefined) this.#goOn()
    else this.#end(failure)
  }

  #goOn(): void {
    while (!this.#isOver && !this.#isPaused && this.#current === undefined) {
      if (this.#zerosLeft > 0) this.#giveZeros()
      else this.#begin(this.#steps[this.#place++])
    }
  }

  #begin(step: Step | PaddingStep | undefined): void {
    if (step === undefined) this.#end(undefined)
    else if (isPadding(step)) this.#zerosLeft = step.lengthBytes
    else this.#current = this.#open(step, this.#stepReader)
  }

  #giveZeros(): void {
    const bytes = ZEROS.subarray(0, Math.min(ZEROS.length, this.#zerosLeft))
    this.#zerosLeft -= bytes.length
    this.#reader.onBytes(bytes, true)
  }

  #end(failure: WebSeedFailure | undefined): void {
    this.#leave()
    this.#reader.onEnd(failure)
  }

  #leave(): void {
    this.#isOver = true
    this.#reads.delete(this)
  }
}

const ZEROS = new Uint8Array(16_384)

function isPadding(step: { readonly kind: string }): step is PaddingStep {
  return step.kind === 'padding'
}
