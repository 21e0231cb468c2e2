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

  it('offers each word at its own place, wherever the flags stand', async () => {
    expect(await bashOffers(['distro', 'web-seed', ''])).toEqual(['list', 'add', 'remove', 'replace'])
    expect(await bashOffers(['distro', 'web-seed', '--state-dir', '/x', '--json', 're'])).toEqual(['remove', 'replace'])
    expect(await bashOffers(['distro', 'web-seed', 'add', ''])).toEqual([])
    expect(await bashOffers(['distro', 'completion', 'zsh', ''])).toEqual([])
  })

  it('offers help, and the verbs after it', async () => {
    expect(await bashOffers(['distro', 'h'])).toEqual(['help'])
    expect(await bashOffers(['distro', 'help', 'r'])).toEqual(['rollback'])
    expect(await bashOffers(['distro', 'help', 'rollback', ''])).toEqual([])
  })

  it('offers files where a file is wanted and folders where a folder is', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'a.torrent'), '')
    await writeFile(join(folder, 'with a space'), '')
    execFileSync('mkdir', [join(folder, 'a.dir')])
    expect([...(await bashOffers(['distro', 'info', 'a.'], folder))].sort()).toEqual(['a.dir', 'a.torrent'])
    expect(await bashOffers(['distro', 'info', 'w'], folder)).toEqual(['with a space'])
    expect(await bashOffers(['distro', 'fetch', 'x', '--out', 'a'], folder)).toEqual(['a.dir'])
    expect(await bashOffers(['distro', 'fetch', 'x', '--releases', 'a'], folder)).toEqual(['a.dir'])
    expect(await bashOffers(['distro', 'rollback', 'a'], folder)).toEqual(['a.dir'])
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
    expect(zsh).toContain('--no-quiet[turn off: only results and errors]')
    expect(fish).toContain("-l no-quiet -d 'turn off: only results and errors'")
    expect(zsh).toMatch(/^#compdef distro\n/)
    expect(zsh).toContain("'*--peer[")
    expect(fish).toContain("-a 'auto bar lines json none'")
  })
})

/** What fish offers for the end of `line`. */
async function fishOffers(line: string, cwd = '/'): Promise<readonly string[]> {
  const script = join(await temporaryFolder(), 'distro.fish')
  await writeFile(script, await scriptFor('fish'))
  const { stdout } = await promisify(execFile)('fish', ['--no-config', '-c', `source '${script}'; complete -C '${line}'`], { cwd })
  return stdout.split('\n').flatMap((offer) => offer.split('\t')[0] || [])
}

/**
 * What zsh offers for the end of `line`. Completion runs only where somebody types, so a second zsh on a terminal of its own is
 * typed into, and says what it would add instead of adding it.
 */
async function zshOffers(line: string, cwd = '/'): Promise<readonly string[]> {
  const folder = await temporaryFolder()
  await writeFile(join(folder, '_distro'), await scriptFor('zsh'))
  await writeFile(
    join(folder, 'rc'),
    `PS1=; fpath=('${folder}' $fpath); autoload -Uz compinit; compinit -D -u
compadd() {
  [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]] || { local -a hits; builtin compadd -A hits "$@"; print -lr -- "" $'offer:'$^hits; }
  builtin compadd "$@"
}
comppostfuncs=(leave); leave() { print -r -- "all offered"; exit }
bindkey '^I' complete-word; print -r -- "now" "type"
`,
  )
  await writeFile(
    join(folder, 'type'),
    `zmodload zsh/zpty; zpty typist zsh -f -i; zpty -w typist "source '${folder}/rc'"; zpty -r typist seen '*now type*'
zpty -n -w typist "$1"$'\\t'; zpty -r typist seen '*all offered*'; print -r -- "$seen"; zpty -d typist
`,
  )
  const { stdout } = await promisify(execFile)('zsh', ['-f', join(folder, 'type'), line], { cwd, timeout: 20_000 })
  return [...new Set([...stdout.matchAll(/offer:(.+?)\r?$/gm)].map((match) => match[1] ?? ''))]
}

describe.skipIf(!has('fish'))('completion in fish (skipped where there is no fish)', () => {
  it('offers verbs first, then what the verb takes', async () => {
    expect(await fishOffers('distro ')).toEqual(expect.arrayContaining(['seed', 'fetch', 'completion']))
    expect(await fishOffers('distro f')).toEqual(['fetch'])
    expect(await fishOffers('distro fetch --sta')).toEqual(['--stall-timeout', '--state-dir'])
    expect(await fishOffers('distro seed --no-d')).toEqual(['--no-dht'])
    expect(await fishOffers('distro create --dht')).toEqual([])
    expect(await fishOffers('distro completion z')).toEqual(['zsh'])
    expect(await fishOffers('distro web-seed re')).toEqual(['remove', 'replace'])
    expect(await fishOffers('distro web-seed list re')).toEqual([])
    expect(await fishOffers('distro help r')).toEqual(['rollback'])
    expect(await fishOffers('distro help rollback w')).toEqual([])
  })

  it('takes only the second word for the verb', async () => {
    expect(await fishOffers('distro fetch seed --until')).toEqual([])
  })

  it('offers for a flag its words, files or folders, or nothing', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'a.torrent'), '')
    execFileSync('mkdir', [join(folder, 'a.dir')])
    expect(await fishOffers('distro fetch x --progress ', folder)).toEqual(['auto', 'bar', 'json', 'lines', 'none'])
    expect(await fishOffers('distro info a.', folder)).toEqual(['a.dir/', 'a.torrent'])
    expect(await fishOffers('distro fetch x --out a', folder)).toEqual(['a.dir/'])
    expect(await fishOffers('distro fetch x --port a', folder)).toEqual([])
  })
})

describe.skipIf(!has('zsh'))('completion in zsh (skipped where there is no zsh)', () => {
  it('offers verbs first, then what the verb takes', async () => {
    expect(await zshOffers('distro ')).toEqual(expect.arrayContaining(['seed', 'fetch', 'completion']))
    expect(await zshOffers('distro fetch --sta')).toEqual(['--state-dir', '--stall-timeout'])
    expect(await zshOffers('distro create --dht')).toEqual([])
    expect(await zshOffers('distro completion z')).toEqual(['zsh'])
    expect(await zshOffers('distro web-seed re')).toEqual(['remove', 'replace'])
    expect(await zshOffers('distro web-seed list re')).toEqual([])
    expect(await zshOffers('distro help r')).toEqual(['rollback'])
    expect(await zshOffers('distro help rollback w')).toEqual([])
    expect(await zshOffers('distro fetch seed --until')).toEqual([])
  })

  it('offers for a flag its words, files or folders, or nothing', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'a.torrent'), '')
    execFileSync('mkdir', [join(folder, 'a.dir')])
    expect(await zshOffers('distro fetch x --progress ', folder)).toEqual(['auto', 'bar', 'lines', 'json', 'none'])
    expect(await zshOffers('distro info a.t', folder)).toEqual(['a.torrent'])
    expect(await zshOffers('distro fetch x --out a', folder)).toEqual(['a.dir'])
    expect(await zshOffers('distro fetch x --port a', folder)).toEqual([])
  })
})
