import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))

/**
 * Bundles a TypeScript program of this repository, which then needs nothing but Node 20, and returns the path of the bundle. The
 * name of this process is in it, so that two runs do not touch each other's: whoever asks for a bundle removes it.
 */
export async function bundle(entryPoint, cacheFolder) {
  const folder = path.join(root, 'node_modules', '.cache', cacheFolder)
  const outfile = path.join(folder, `${path.basename(entryPoint, '.ts')}-${process.pid}.mjs`)
  mkdirSync(folder, { recursive: true })
  await build({
    entryPoints: [path.join(root, entryPoint)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
  })
  return outfile
}
