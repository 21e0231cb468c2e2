import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { VERSION } from '../../src/base/version.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

interface Ending {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end. */
async function ended(program: string, words: readonly string[], cwd = process.cwd()): Promise<Ending> {
  const running = promisify(execFile)(program, words, { cwd, env: { ...process.env, NO_COLOR: '1' } })
  return running.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: Ending) => error,
  )
}

/** A copy of bin/distro.js in a package without dist/. */
async function unbuilt(): Promise<string> {
  const folder = await temporaryFolder()
  await mkdir(join(folder, 'bin'))
  await copyFile('bin/distro.js', join(folder, 'bin/distro.js'))
  await writeFile(join(folder, 'package.json'), '{"type":"module"}')
  return folder
}

describe('bin/distro.js', () => {
  it('prints the version', async () => {
    expect(await ended(process.execPath, ['bin/distro.js', '--version'])).toMatchObject({ code: 0, stdout: `${VERSION}\n`, stderr: '' })
  })

  it('hands the exit code out', async () => {
    const { code, stderr } = await ended(process.execPath, ['bin/distro.js', 'fetch', '--prot', '1'])
    expect(code).toBe(2)
    expect(stderr).toBe('error: distro fetch has no flag --prot.\n hint: Did you mean --port?\n')
  })

  it('says so when distro is not built', async () => {
    const { code, stderr } = await ended(process.execPath, ['bin/distro.js', '--version'], await unbuilt())
    expect(code).toBe(2)
    expect(stderr).toContain('error: distro is not built: dist/main.js is missing.\n hint: Run `npm run build`')
  })

  it('says so when Node is too old, before anything else can fail', async () => {
    const folder = await unbuilt()
    await writeFile(
      join(folder, 'old.cjs'),
      "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.4' } })",
    )
    const { code, stderr } = await ended(process.execPath, ['--require', './old.cjs', 'bin/distro.js', 'seed', 'x'], folder)
    expect(code).toBe(2)
    expect(stderr).toContain('error: distro needs Node 20.19 or later')
  })

  it('survives a reader that goes away', async () => {
    const { stdout } = await ended('bash', ['-c', `'${process.execPath}' bin/distro.js fetch --help | true; echo "${'$'}{PIPESTATUS[0]}"`])
    expect(stdout).toBe('0\n')
    const both = await ended('bash', ['-c', `'${process.execPath}' bin/distro.js fetch 2>&1 | true; echo "${'$'}{PIPESTATUS[0]}"`])
    expect(both.stdout).toBe('2\n')
  })

  it.runIf(existsSync('/dev/full'))('a result that standard output did not take is exit code 6', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'a'), 'content')
    const torrent = join(folder, 'a.torrent')
    const bin = `'${process.execPath}' bin/distro.js`
    for (const words of [`create ${folder}/a -o ${torrent} -q`, `info ${torrent} --json`, 'help', '--version']) {
      const { code, stderr } = await ended('bash', ['-c', `${bin} ${words} > /dev/full`])
      expect([words, code]).toEqual([words, 6])
      expect(stderr).toContain('error: Cannot write to standard output: the disk is full.')
    }
    expect(await readFile(torrent)).not.toHaveLength(0)
  })

  it.runIf(existsSync('/dev/full'))('a failure keeps its exit code where standard output takes nothing', async () => {
    expect(await ended('bash', ['-c', `'${process.execPath}' bin/distro.js info missing.torrent --json > /dev/full`])).toMatchObject({
      code: 2,
    })
  })

  it('survives closed output streams', async () => {
    const { stdout } = await ended('bash', ['-c', `'${process.execPath}' bin/distro.js fetch >&- 2>&-; echo $?`])
    expect(stdout).toBe('2\n')
  })
})
