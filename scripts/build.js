// Bundles src/ into dist/: the command line, the library door and the hash worker, with every library they use, so that
// the published package has no dependencies. Types for the library door go to dist/types/, the licences of the bundled
// libraries to dist/THIRD-PARTY-NOTICES.
//
// Files are replaced one by one with a rename and only when they changed: a seed that runs from dist/, or a second build,
// never sees half a file. Chunks of an earlier build stay for an hour, because a running command may still load them;
// `--clean` (used before packing) leaves nothing behind.
import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { emitTypes } from './emit-types.js'
import { codeCachePath, compileBundle } from './load-with-code-cache.js'
import { thirdPartyNotices } from './third-party-notices.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'dist')
const keepOldChunksMs = 3_600_000
const bundlesWithCodeCache = ['run.cjs', 'undici.cjs']

/** Some bundled libraries are CommonJS and call `require` for Node's own modules. */
const requireBanner =
  "import { createRequire as createRequireOfNode } from 'node:module'; const require = createRequireOfNode(import.meta.url);"

const [bundles, types] = await Promise.all([
  Promise.all([bundleLibrary(), bundleDoors(), bundleCommand(), bundleHttpClient()]),
  emitTypes(root),
])
const inputs = bundles.flatMap(({ metafile }) => Object.keys(metafile.inputs))
const outputs = new Map([
  ...bundles.flatMap(({ outputFiles }) => outputFiles).map((file) => [relative(dist, file.path), file.contents]),
  ...types.map(([path, text]) => [join('types', path), Buffer.from(text)]),
  ['THIRD-PARTY-NOTICES', Buffer.from(await thirdPartyNotices(root, [...new Set(inputs)]))],
])
if (process.argv.includes('--clean')) await rm(dist, { recursive: true, force: true })
for (const [path, contents] of outputs) await replaceWhenChanged(join(dist, path), contents)
if (!haveCodeCaches()) await promisify(execFile)(process.execPath, [join(root, 'scripts/make-code-cache.js'), dist])
await removeOldFiles(new Set([...outputs.keys(), ...bundlesWithCodeCache.map(codeCachePath)]))

/** The library: modules, in chunks. */
function bundleLibrary() {
  return bundle({
    entryPoints: { index: 'src/index.ts' },
    splitting: true,
    chunkNames: '[name]-[hash]',
    format: 'esm',
    banner: { js: requireBanner },
  })
}

/** What must load fast, each in one file: the hash worker, the reader of folders, and the door of the command, which answers `--version` and loads the rest. */
function bundleDoors() {
  return bundle({
    entryPoints: {
      main: 'src/cli/main.ts',
      'hash-worker': 'src/store/hash-worker.ts',
      'folder-reader': 'src/web-seed/folder/folder-reader.ts',
    },
    format: 'esm',
    banner: { js: requireBanner },
    supported: { 'dynamic-import': false },
    plugins: [
      {
        name: 'rest',
        setup: (build) => build.onResolve({ filter: /^\.\/run\.ts$/ }, () => ({ path: join(root, 'scripts/run-with-code-cache.js') })),
      },
    ],
  })
}

/**
 * The rest of the command: one CommonJS file, in which what was imported when needed is still evaluated when needed. As modules in
 * 45 chunks the same took a fetch 30 ms of processor time more until it ran (of 175), which Node spent on finding and linking them
 * and on the export lists of its own modules.
 */
function bundleCommand() {
  return bundle({
    entryPoints: { run: 'src/cli/run.ts' },
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    // Strict, as modules are.
    banner: { js: "'use strict'; const moduleUrl = require('node:url').pathToFileURL(__filename).href;" },
    define: { 'import.meta.url': 'moduleUrl' },
    supported: { 'dynamic-import': false },
    plugins: [
      { name: 'undici', setup: (build) => build.onResolve({ filter: /^undici$/ }, () => ({ path: './undici.cjs', external: true })) },
    ],
  })
}

/** The HTTP client of the command in a file of its own: it is a third of all its code, and most commands never ask a web seed. */
function bundleHttpClient() {
  return bundle({
    entryPoints: { undici: 'scripts/undici.js' },
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    minifyIdentifiers: true,
    alias: {},
  })
}

function bundle(options) {
  return build({
    absWorkingDir: root,
    outdir: dist,
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    target: 'node20',
    legalComments: 'none',
    minifySyntax: true,
    minifyWhitespace: true,
    alias: {
      'string-width': join(root, 'scripts/string-width.cjs'),
      undici: join(root, 'scripts/undici.js'),
    },
    // Asked for by `debug` inside try/catch; never shipped.
    external: ['supports-color'],
    logLevel: 'warning',
    ...options,
  })
}

async function replaceWhenChanged(path, contents) {
  const present = await readFile(path).catch(() => undefined)
  if (present?.equals(contents)) return
  await mkdir(dirname(path), { recursive: true })
  const unfinished = `${path}.${process.pid}.new`
  await writeFile(unfinished, contents)
  await rename(unfinished, path)
}

/** True if there is a code cache for each bundle as it is now that this Node takes. */
function haveCodeCaches() {
  return bundlesWithCodeCache.every((name) => compileBundle(join(dist, name)).script.cachedDataRejected === false)
}

async function removeOldFiles(kept) {
  for (const path of await readdir(dist, { recursive: true })) {
    const { mtimeMs } = (await stat(join(dist, path)).catch(() => undefined)) ?? {}
    const isOld = mtimeMs !== undefined && Date.now() - mtimeMs > keepOldChunksMs
    const isFolder = [...kept].some((output) => output === path || output.startsWith(`${path}/`))
    if (isOld && !isFolder) await rm(join(dist, path), { recursive: true, force: true })
  }
}
