// Bundles demo/ with esbuild and runs it, so that it needs nothing but Node 20 and `npm ci`.
import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const folder = 'node_modules/.cache/distro-demo'
await mkdir(folder, { recursive: true })
await build({
  entryPoints: ['demo/main.ts'],
  outfile: `${folder}/main.mjs`,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
})
const { main } = await import(new URL(`../${folder}/main.mjs`, import.meta.url).href)
process.exitCode = await main(process.stdout)
