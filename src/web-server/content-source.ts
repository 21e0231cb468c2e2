import type { DistroError } from '../base/errors.ts'

type Done = (error: DistroError | undefined) => void

/** Where the bytes of an answer come from. */
export interface ContentSource {
  /** Fills `body` from `offsetBytes` on; `done` may be called before it returns, and gets the reason when the bytes cannot be given. */
  read(offsetBytes: number, body: Uint8Array, done: Done): void
  /** Says whether what was read until now is what was published. */
  confirm(done: Done): void
}
