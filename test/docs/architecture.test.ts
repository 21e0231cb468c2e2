import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { describe, expect, test } from 'vitest'
import { codeBlocks, tableRows } from './support/markdown.ts'

const page = readFileSync('docs/architecture.md', 'utf8')
const folders = tableRows(page, 'Floors').map(([folder = '', floor = '', imports = '']) => ({
  folder: folder.replaceAll('`', ''),
  floor: Number(floor),
  imports: imports === 'nothing' ? [] : imports.split(', '),
}))
const passages = page
  .split(/\n\n|\n(?=- |\d+\. |\|)/)
  .map((passage) => ({ passage: passage.replaceAll(/\s+/g, ' ').trim(), start: passage.trim().split(/\s+/).slice(0, 6).join(' ') }))

describe('the page on architecture', () => {
  test('describes every folder of src, and none that is not there', () => {
    const present = readdirSync('src', { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => `${posix.join(entry.parentPath, entry.name)}/`)
    expect(folders.map(({ folder }) => folder).sort()).toEqual(present.sort())
  })

  test('names no file or folder that does not exist', () => {
    const named = [...page.matchAll(/`((?:src|test|bin|scripts|docs)\/[^`\s]*)`/g)].map(([, path = '']) => path)
    expect(named.length).toBeGreaterThan(80)
    expect(named.filter((path) => path !== 'src/' && path !== 'dist/' && !existsSync(path))).toEqual([])
  })

  test.each(passages.filter(({ passage }) => names(passage).length > 0))(
    'names only what the files beside it declare: $start',
    ({ passage }) => {
      const text = [...passage.matchAll(/`((?:src|bin)\/[^`\s]+\.(?:ts|js))`/g)]
        .map(([, path = '']) => readFileSync(path, 'utf8'))
        .join('\n')
      expect(names(passage).filter((name) => !isDeclared(name, text))).toEqual([])
    },
  )

  test('follows one fetch in ten steps', () => {
    const steps = [...(page.split('## One fetch in ten steps')[1]?.split(/^## /m)[0] ?? '').matchAll(/^(\d+)\. \*\*/gm)]
    expect(steps.map(([, number]) => Number(number))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })

  test.each(folders)('says truly what $folder may import', ({ folder, floor, imports }) => {
    const own = folder.split('/')[1] ?? ''
    for (const lower of imports) {
      const other = folders.find((each) => each.folder === `src/${lower}/`)
      expect(other?.floor, lower).toBeLessThan(floor)
    }
    expect(importsOf(folder).filter((name) => name !== own && !imports.includes(name))).toEqual([])
  })

  test('describes every folder of test that mirrors none of src', () => {
    const mirrored = readdirSync('src')
    const others = readdirSync('test').filter((name) => !mirrored.includes(name) && name !== 'support')
    const described = tableRows(page, 'Tests').flatMap(([cell = '']) => [...cell.matchAll(/`test\/(\w+)\/`/g)].map(([, name]) => name))
    expect(described.sort()).toEqual(others.sort())
  })

  test('holds no code that could go stale', () => {
    expect(codeBlocks(page)).toEqual([])
  })
})

/** What a passage names as code that is declared somewhere: `call()`, `Class`, `Class.member`, `constantName`. */
function names(passage: string): readonly string[] {
  const codes = [...passage.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code)
  return codes.filter((code) => /^[A-Za-z]\w*(\.[a-z]\w*|\(\))?$/.test(code) && !notOurs.has(code))
}

/** Names of other people's that the page mentions. */
const notOurs: ReadonlySet<string> = new Set(['AbortSignal', 'setTimeout', 'Date.now', 'x.pe'])

function isDeclared(name: string, text: string): boolean {
  const [owner = '', member] = name.replace('()', '').split('.')
  const isHere = new RegExp(`^(?:export )?(?:async )?(?:function|class|interface|type|const) ${owner}\\b`, 'm').test(text)
  return isHere && (member === undefined || new RegExp(`^ {2}(?:static |async |readonly )*${member}\\(`, 'm').test(text))
}

/** The folders of src from which the files right in `folder` import. */
function importsOf(folder: string): readonly string[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts'))
  const sources = files.flatMap((name) => [...readFileSync(posix.join(folder, name), 'utf8').matchAll(/(?:from |import\()'(\.[^']+)'/g)])
  return [...new Set(sources.map(([, source = '']) => posix.join(folder, source).split('/')[1] ?? ''))]
}
