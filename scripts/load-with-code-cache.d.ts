import type { Script } from 'node:vm'

export function codeCachePath(path: string): string
export function codeCacheDigest(text: Uint8Array): Buffer
export function compileBundle(path: string): Script
// biome-ignore lint/suspicious/noExplicitAny: a bundle exports what it likes
export function loadBundle(path: string, onCompiled?: (path: string, script: Script) => void): any
