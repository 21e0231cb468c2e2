import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const compilerOptions = [
  ['--ignoreConfig', '--declaration', '--emitDeclarationOnly', '--noCheck', '--strict', '--skipLibCheck', '--allowImportingTsExtensions'],
  ['--target', 'es2023', '--module', 'nodenext', '--types', 'node', '--rootDir', 'src'],
].flat()

/** The declaration files of everything that src/index.ts reaches, as `[path, text]`; checking types is `tsc`'s own step. */
export async function emitTypes(root) {
  const folder = await mkdtemp(join(tmpdir(), 'distro-types-'))
  try {
    const compiler = join(root, 'node_modules/typescript/bin/tsc')
    await promisify(execFile)(process.execPath, [compiler, ...compilerOptions, '--outDir', folder, 'src/index.ts'], { cwd: root })
    const paths = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith('.d.ts')).sort()
    return await Promise.all(paths.map(async (path) => [path, withEmittedNames(await readFile(join(folder, path), 'utf8'))]))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Declarations keep the `.ts` that the source imports; the published files are found under `.js`. */
function withEmittedNames(text) {
  return text.replaceAll(/((?:from|import)\s*\(?\s*['"]\.[^'"]*)\.ts(['"])/g, '$1.js$2')
}
