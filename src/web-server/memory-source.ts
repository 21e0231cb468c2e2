import type { ContentSource } from './content-source.ts'

/** Answers from bytes in memory, which do not change. */
export function memorySource(bytes: Uint8Array): ContentSource {
  return {
    read(offsetBytes, body, done) {
      body.set(bytes.subarray(offsetBytes, offsetBytes + body.length))
      done(undefined)
    },
    confirm: (_offset, _length, done) => done(undefined),
  }
}
