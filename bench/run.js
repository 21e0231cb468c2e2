// Bundles the benchmark's TypeScript with esbuild and runs it, so that it needs nothing but Node 20 and `npm ci`.
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const folder = path.join(root, 'node_modules', '.cache', 'distro-bench')
const bundle = path.join(folder, `main-${process.pid}.mjs`)
mkdirSync(folder, { recursive: true })
await build({
  entryPoints: [path.join(root, 'bench', 'main.ts')],
  outfile: bundle,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  logLevel: 'warning',
})
const { main } = await import(pathToFileURL(bundle).href)
process.exitCode = await main(process.argv.slice(2), { root, bundle })
