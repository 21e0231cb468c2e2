import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { run } from '../../src/cli/run.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { fakeVerbs } from './fake-verbs.ts'
import { FakeWorld } from './fake-world.ts'

async function scriptFor(shell: string): Promise<string> {
  const world = new FakeWorld()
  expect(await run(['completion', shell], world, fakeVerbs())).toBe(0)
  expect(world.err).toBe('')
  return world.out
}

function has(program: string): boolean {
  return spawnSync(program, ['--version']).error === undefined
}

/** What bash offers for the last of `words`. */
async function bashOffers(words: readonly string[], cwd = '/'): Promise<readonly string[]> {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'completion'), await scriptFor('bash'))
  const quoted = words.map((word) => `'${word}'`).join(' ')
  const program = `source '${join(folder, 'completion')}'; COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}
    complete -p distro | grep -q -- '-F _distro' || exit 1; _distro 2>/dev/null; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout } = await promisify(execFile)('bash', ['--norc', '-c', program], { cwd })
  return stdout.split('\n').filter((line) => line !== '')
}

describe('completion for bash', () => {
  it('offers verbs first', async () => {
    expect(await bashOffers(['distro', ''])).toEqual(
      expect.arrayContaining(['seed', 'fetch', 'create', 'info', 'verify', 'dht', 'config', 'completion', '--help']),
    )
    expect(await bashOffers(['distro', 'f'])).toEqual(['fetch'])
  })

  it('offers the flags of the verb, and only those', async () => {
    expect(await bashOffers(['distro', 'fetch', '--s'])).toEqual(['--select', '--seed-for', '--state-dir', '--stall-timeout'])
    expect(await bashOffers(['distro', 'seed', '--no-d'])).toEqual(['--no-dht'])
    expect(await bashOffers(['distro', 'create', '--dht'])).toEqual([])
  })

  it('offers the words that a flag or argument takes', async () => {
    expect(await bashOffers(['distro', 'fetch', 'x', '--progress', ''])).toEqual(['auto', 'bar', 'lines', 'json', 'none'])
    expect(await bashOffers(['distro', 'completion', 'z'])).toEqual(['zsh'])
  })

  it('offers files where a file is wanted and folders where a folder is', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'a.torrent'), '')
    await writeFile(join(folder, 'with a space'), '')
    execFileSync('mkdir', [join(folder, 'a.dir')])
    expect([...(await bashOffers(['distro', 'info', 'a.'], folder))].sort()).toEqual(['a.dir', 'a.torrent'])
    expect(await bashOffers(['distro', 'info', 'w'], folder)).toEqual(['with a space'])
    expect(await bashOffers(['distro', 'fetch', 'x', '--out', 'a'], folder)).toEqual(['a.dir'])
    expect(await bashOffers(['distro', 'fetch', 'x', '--port', 'a'], folder)).toEqual([])
  })
})

describe('completion for zsh and fish', () => {
  it('names every verb and flag', async () => {
    const [zsh, fish] = [await scriptFor('zsh'), await scriptFor('fish')]
    for (const word of ['until-copies', 'dht-bootstrap', 'no-lsd', 'keep-seeding', 'piece-length']) {
      expect(zsh).toMatch(new RegExp(`'\\*?--${word}\\[`))
      expect(fish).toContain(`-l ${word} `)
    }
    expect(zsh).toMatch(/^#compdef distro\n/)
    expect(zsh).toContain("'*--peer[")
    expect(fish).toContain("-a 'auto bar lines json none'")
  })

  it.each([
    ['zsh', ['-f', '-n']],
    ['fish', ['--no-execute']],
  ])('is a script that %s reads, where there is one', async (shell, flags) => {
    if (!has(shell)) return
    const file = join(await temporaryFolder(), 'completion')
    await writeFile(file, await scriptFor(shell))
    execFileSync(shell, [...flags, file])
  })
})
