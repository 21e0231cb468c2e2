import type { WebSeedContent } from './content.ts'
import type { WebSeedFailure } from './web-seed.ts'

/** The same failure, for this file alone if there are others: a mirror that lacks one file can still give the rest. */
export function lackingFile(failure: WebSeedFailure, { info }: WebSeedContent, fileIndex: number): WebSeedFailure {
  const file = info.files[fileIndex]
  const others = info.files.some(({ lengthBytes, kind }, index) => index !== fileIndex && lengthBytes > 0 && kind === 'file')
  if (failure.kind !== 'missing' || file === undefined || !others) return failure
  return { ...failure, isFinal: false, lacks: { begin: file.offsetBytes, lengthBytes: file.lengthBytes } }
}
