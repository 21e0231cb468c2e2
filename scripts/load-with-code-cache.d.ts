import type { Script } from 'node:vm'

/** A compiled bundle, and the SHA-256 of its text. */
export interface Bundle {
  readonly script: Script
  readonly digest: Buffer
}

export function codeCachePath(path: string): string
export function compileBundle(path: string): Bundle
export function codeCacheOf(bundle: Bundle): Buffer
// biome-ignore lint/suspicious/noExplicitAny: a bundle exports what it likes
export function loadBundle(path: string, onCompiled?: (path: string, bundle: Bundle) => void): any
