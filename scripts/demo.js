// Bundles demo/ with esbuild and runs it, so that it needs nothing but Node 20 and `npm ci`.
import { rmSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { bundle } from './bundle.js'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const bundled = await bundle('demo/main.ts', 'distro-demo')
process.once('exit', () => rmSync(bundled, { force: true }))
const { main } = await import(pathToFileURL(bundled).href)
process.exitCode = await main(process.stdout)
