import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readCommandLine } from '../../src/cli/command-line.ts'
import { commandLoaders } from '../../src/cli/command-list.ts'
import { commandLines, shellWords } from './support/command-lines.ts'
import { inlineCode, localLinks } from './support/markdown.ts'

const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...readdirSync('docs').map((name) => `docs/${name}`)].map((path) => ({
  path,
  page: readFileSync(path, 'utf8'),
}))
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly scripts: Readonly<Record<string, string>> }

describe.each(pages)('$path', ({ path, page }) => {
  test('links only to what is there', () => {
    expect(localLinks(page).filter((target) => !existsSync(join(dirname(path), target)))).toEqual([])
  })

  test('names only files that are there', () => {
    const named = inlineCode(page).filter((code) => /^(?:src|test|scripts|demo|docs|bin)\/[\w./-]+\.(?:ts|js|md)$/.test(code))
    expect(named.filter((code) => !existsSync(code))).toEqual([])
  })

  test('names only npm scripts that package.json has', () => {
    const named = [...page.matchAll(/\bnpm run (?:--silent )?([\w:-]+)/g)].map(([, name = '']) => name)
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([])
  })

  test('shows only distro commands that distro takes', async () => {
    for (const line of commandLines(page)) {
      const [verb = '', ...words] = shellWords(line)
      const load = commandLoaders[verb]
      expect(load, line).toBeDefined()
      if (load === undefined) continue
      const command = await load()
      await expect(readCommandLine(command, words), line).resolves.toBeDefined()
    }
  })
})
