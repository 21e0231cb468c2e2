import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { commandLines, shellWords } from './support/command-lines.ts'
import { constantIn, constantNames } from './support/constant.ts'
import { codeBlocks, headings, inlineCode, localLinks, tableRows } from './support/markdown.ts'

describe('a constant of the source', () => {
  test.each([
    ['PLAIN', 10_000],
    ['TYPED', 131_072],
    ['SUM', 131_081],
    ['LIST', [1_000, 2_000]],
    ['FOREIGN', 2_048],
    ['field', 500],
    ['fallback', 7],
    ['TEXT', undefined],
    ['CALLED', undefined],
    ['ABSENT', undefined],
  ])('%s is read as %j', async (name, value) => {
    expect(constantIn(await sample(), name)).toEqual(value)
  })

  test('is found by name, if it is a number', async () => {
    expect(constantNames(await sample())).toEqual(['PLAIN', 'TYPED', 'SUM', 'LIST', 'FOREIGN'])
  })

  async function sample(): Promise<string> {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'units.ts'), 'export const KiB = 1024\n')
    const lines = [
      "import { KiB } from './units.ts'",
      'const PLAIN = 10_000',
      'export const TYPED: number = 128 * KiB // a remark',
      'const SUM = 9 + TYPED',
      'const LIST = [1_000, 2_000] as const',
      'const FOREIGN = 2 * KiB',
      "const TEXT = 'ten'",
      'const CALLED = now()',
      'export const LIMITS = {',
      '  field: 500,',
      '}',
      'const used = options.fallback ?? 7',
    ]
    const path = join(folder, 'sample.ts')
    await writeFile(path, `${lines.join('\n')}\n`)
    return path
  }
})

describe('a page', () => {
  const page = [
    '# Title',
    '',
    'See [one](docs/one.md#part), [two](https://two.example/) and `src/three.ts`.',
    '',
    '## Numbers',
    '',
    '| a | b |',
    '|---|--:|',
    '| x | `1 \\| 2` |',
    '',
    '## Commands',
    '',
    '<!-- tested: mark -->',
    '```sh',
    'until distro fetch "$(cat magnet.txt)" --out \\',
    '  releases; do sleep 1; done',
    "distro seed 'a b' && echo done   # a remark",
    'npm test',
    '```',
    '',
    '```console',
    '$ distro info app.torrent',
    'distro is not typed here',
    '```',
    '',
  ].join('\n')

  test('is taken apart into headings, tables, links and code', () => {
    expect(headings(page, 2)).toEqual(['Numbers', 'Commands'])
    expect(tableRows(page, 'Numbers')).toEqual([['x', '`1 \\| 2`']])
    expect(tableRows(page, 'Commands')).toEqual([])
    expect(localLinks(page)).toEqual(['docs/one.md'])
    expect(inlineCode(page)).toEqual(['src/three.ts', '1 \\| 2'])
    expect(codeBlocks(page).map(({ language, mark }) => [language, mark])).toEqual([
      ['sh', 'mark'],
      ['console', undefined],
    ])
  })

  test('gives out its distro commands, as the shell would pass them', () => {
    expect(commandLines(page).map(shellWords)).toEqual([
      ['fetch', '$(cat magnet.txt)', '--out', 'releases'],
      ['seed', 'a b'],
      ['info', 'app.torrent'],
    ])
  })
})
