// Bundles the benchmark's TypeScript with esbuild and runs it, so that it needs nothing but Node 20 and `npm ci`.
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { bundle } from '../scripts/bundle.js'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const bundled = await bundle('bench/main.ts', 'distro-bench')
const { main } = await import(pathToFileURL(bundled).href)
process.exitCode = await main(process.argv.slice(2), { root, bundle: bundled })
