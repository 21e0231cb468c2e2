import type { ContentRange, WebSeed, WebSeedFailure } from '../../../src/web-seed/web-seed.ts'

/** What came of a range, and how it ended. */
export interface ReadRange {
  readonly bytes: Buffer
  readonly failure: WebSeedFailure | undefined
}

/** Reads `lengthBytes` from `begin` on to the end. */
export function readRange(seed: WebSeed, begin: number, lengthBytes: number): Promise<ReadRange> {
  const range: ContentRange = { begin, lengthBytes }
  const chunks: Buffer[] = []
  return new Promise((resolve) => {
    seed.read(range, {
      onBytes: (bytes) => void chunks.push(Buffer.from(bytes)),
      onEnd: (failure) => resolve({ bytes: Buffer.concat(chunks), failure }),
    })
  })
}
