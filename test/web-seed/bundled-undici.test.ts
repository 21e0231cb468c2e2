import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../support/temporary-folder.ts'

// As scripts/build.js bundles the command and the library: what is asked for by name has to be there in both.
test.each(['cjs', 'esm'] as const)('the part of undici that is bundled has what a web seed asks for (%s)', async (format) => {
  const folder = await temporaryFolder()
  const entry = join(folder, 'entry.mjs')
  await writeFile(
    entry,
    "export const names = import('undici').then(({ Agent, ProxyAgent, buildConnector }) => [Agent, ProxyAgent, buildConnector])",
  )
  await build({
    entryPoints: { entry },
    outdir: join(folder, 'out'),
    outExtension: { '.js': format === 'cjs' ? '.cjs' : '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format,
    splitting: format === 'esm',
    banner: format === 'esm' ? { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" } : {},
    alias: { undici: join(process.cwd(), 'scripts/undici.js') },
    logLevel: 'silent',
  })
  const { names } = (await import(pathToFileURL(join(folder, 'out', format === 'cjs' ? 'entry.cjs' : 'entry.mjs')).href)) as {
    readonly names: Promise<readonly unknown[]>
  }
  expect((await names).map((one) => typeof one)).toEqual(['function', 'function', 'function'])
})
