import type { PaddingStep } from './read-steps.ts'
import { StepReading } from './step-reading.ts'
import type { ContentRange, RangeRead, RangeReader, WebSeed } from './web-seed.ts'

/** A web seed that is asked for a range step by step, in steps of its own kind. */
export abstract class StepWebSeed<Step extends { readonly kind: string }> implements WebSeed {
  readonly label: string
  readonly #reads = new Set<RangeRead>()

  constructor(label: string) {
    this.label = label
  }

  read(range: ContentRange, reader: RangeReader): RangeRead {
    return new StepReading(this.stepsOf(range), (step, stepReader) => this.readStep(step, stepReader), reader, this.#reads)
  }

  async close(): Promise<void> {
    for (const read of [...this.#reads]) read.cancel()
    await this.letGo()
  }

  protected abstract stepsOf(range: ContentRange): readonly (Step | PaddingStep)[]

  /** Begins to read one step; calls `reader` only after it returned. */
  protected abstract readStep(step: Step, reader: RangeReader): RangeRead

  /** Ends what outlives a read: connections, processes. */
  protected abstract letGo(): Promise<void>
}
