// Stands in for src/cli/run.ts in the bundle of the door: the rest of the command, which is a bundle of its own.
import { fileURLToPath } from 'node:url'
import { loadBundle } from './load-with-code-cache.js'

export const { run } = loadBundle(fileURLToPath(new URL('run.cjs', import.meta.url)))
