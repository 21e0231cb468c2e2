import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { differingPaths } from '../support/differing-paths.ts'
import { DistroProcess } from '../support/distro-process.ts'
import { writeRandomTree } from '../support/random-tree.ts'
import { stoppedAtEnd } from '../support/stopped-at-end.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const run = promisify(execFile)
const sources = ['package.json', 'bin', 'src', 'scripts', 'LICENSE', 'README.md', 'CHANGELOG.md']
const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { readonly version: string }
let root: string
/** An empty project into which the tarball was installed, offline. */
let installed: string
let packageFolder: string

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'distro-pack-'))
  const repository = join(root, 'repository')
  installed = join(root, 'installed')
  packageFolder = join(installed, 'node_modules/distro')
  for (const source of sources.filter((path) => existsSync(path))) await cp(source, join(repository, source), { recursive: true })
  await symlink(resolve('node_modules'), join(repository, 'node_modules'))
  const manifest = await readFile(join(repository, 'package.json'), 'utf8')

  const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', root], { cwd: repository })
  expect(await readFile(join(repository, 'package.json'), 'utf8')).toBe(manifest)

  await mkdir(installed)
  await writeFile(join(installed, 'package.json'), '{ "private": true }\n')
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', join(root, stdout.trim().split('\n').at(-1) ?? '')], {
    cwd: installed,
  })
}, 120_000)

afterAll(() => rm(root, { recursive: true, force: true }))

describe('the packed tarball', () => {
  test('has no dependencies and no scripts', async () => {
    const manifest = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8')) as Record<string, unknown>
    expect(Object.keys(manifest).filter((field) => /dependencies|scripts|overrides/i.test(field))).toEqual([])
    expect(manifest).toMatchObject({ name: 'distro', version, bin: { distro: 'bin/distro.js' } })
  })

  test('installs nothing but itself', async () => {
    expect((await readdir(join(installed, 'node_modules'))).filter((name) => !name.startsWith('.'))).toEqual(['distro'])
  })

  test('holds the command, the library door with its types, the hash worker, the reader of folders and the licences', async () => {
    const files = await readdir(packageFolder, { recursive: true })
    const needed = [
      'bin/distro.js',
      'dist/main.js',
      'dist/run.cjs',
      'dist/run.cjs.cache',
      'dist/undici.cjs.cache',
      'dist/index.js',
      'dist/types/index.d.ts',
      'dist/hash-worker.js',
      'dist/folder-reader.js',
      'LICENSE',
    ]
    expect(files).toEqual(expect.arrayContaining(needed))
    expect(files.filter((path) => /^(src|test|scripts|bench)\//.test(path))).toEqual([])
    expect(await readFile(join(packageFolder, 'dist/THIRD-PARTY-NOTICES'), 'utf8')).toMatch(/bittorrent-dht \d.*\(MIT\)/)
  })

  test('loads nothing that the package does not hold', async () => {
    const scripts = (await readdir(join(packageFolder, 'dist'))).filter((path) => /\.c?js$/.test(path))
    for (const script of scripts) {
      const text = await readFile(join(packageFolder, 'dist', script), 'utf8')
      const imported = [...text.matchAll(/(?<![.\w])(?:from|import\s*\(?|require\()\s*["']([@a-z][\w@:./-]*)["']/g)].map(([, name]) => name)
      // `debug` asks for supports-color inside try/catch and does without.
      const foreign = imported.filter((name) => !name?.startsWith('node:') && !isNodeModule(name ?? '') && name !== 'supports-color')
      expect(foreign).toEqual([])
    }
  })

  test('answers --version', async () => {
    const { stdout } = await run(join(installed, 'node_modules/.bin/distro'), ['--version'], { cwd: installed })
    expect(stdout.trim()).toContain(version)
  })

  test('can be imported, with types that compile', async () => {
    const script = "const distro = await import('distro'); process.stdout.write(Object.keys(distro).join(' '))"
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], { cwd: installed })
    expect(stdout).toContain('DistroError')
    await writeFile(join(installed, 'uses.ts'), "import * as distro from 'distro'\n\nexport const code: distro.ErrorCode = 'BUSY'\n")
    const types = ['--types', 'node', '--typeRoots', resolve('node_modules/@types')]
    await run(
      process.execPath,
      [
        resolve('node_modules/typescript/bin/tsc'),
        ...['--noEmit', '--strict', '--ignoreConfig', '--module', 'nodenext', '--target', 'es2023', ...types, 'uses.ts'],
      ],
      { cwd: installed },
    )
  })

  test('seeds and fetches', async () => {
    const folder = await temporaryFolder()
    await writeRandomTree(join(folder, 'content'), { seed: 3, files: 9, totalBytes: 3_000_000 })
    const start = (...words: string[]): DistroProcess =>
      stoppedAtEnd(new DistroProcess(words, { cwd: folder, program: join(packageFolder, 'bin/distro.js') }))
    const network = ['--json', '--bind', '127.0.0.1', '--port', '0', '--no-dht', '--no-lsd', '--state-dir']
    const seed = start('seed', 'content', ...network, join(folder, 'seed-state'))
    const { magnet } = await seed.event('ready')
    const fetched = start('fetch', String(magnet), '--out', join(folder, 'out'), ...network, join(folder, 'fetch-state'))
    expect(await fetched.exited, fetched.output).toMatchObject({ code: 0 })
    expect(await differingPaths(join(folder, 'content'), join(folder, 'out/content'))).toEqual([])
  })
})

function isNodeModule(name: string): boolean {
  return process.getBuiltinModule(`node:${name}`) !== undefined
}
