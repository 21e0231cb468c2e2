import type { WebSeedFailure, WebSeedFault } from './web-seed.ts'

/** A failure with its usual consequence: what is missing, denied or refused stays so, everything else may be asked for again. */
export function failure(kind: WebSeedFault, message: string, detail: Partial<WebSeedFailure> = {}): WebSeedFailure {
  const isFinal = kind === 'missing' || kind === 'denied' || kind === 'refused'
  return { kind, message, isFinal, retryAfterMs: undefined, ...detail }
}
