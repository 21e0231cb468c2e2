import type { DistroError } from '../base/errors.ts'

type Done = (error: DistroError | undefined) => void

/** Where the bytes of an answer come from. */
export interface ContentSource {
  /** Fills `body` from `offsetBytes` on; `done` may be called before it returns, and gets the reason when the bytes cannot be given. */
  read(offsetBytes: number, body: Uint8Array, done: Done): void
  /** Says whether the `lengthBytes` from `offsetBytes` on, which were read until now, are what was published. */
  confirm(offsetBytes: number, lengthBytes: number, done: Done): void
}
