import type { Script } from 'node:vm'

/** A compiled bundle, and its text. */
export interface Bundle {
  readonly script: Script
  readonly text: Buffer
}

export function codeCachePath(path: string): string
export function compileBundle(path: string): Bundle
export function codeCacheOf(bundle: Bundle): Buffer
// biome-ignore lint/suspicious/noExplicitAny: a bundle exports what it likes
export function loadBundle(path: string, onCompiled?: (path: string, bundle: Bundle) => void): any
