import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { LIMITS } from '../../src/swarm/limits.ts'
import { WEB_SERVER_LIMITS } from '../../src/web-server/web-server-limits.ts'
import { type Constant, constantIn, constantNames } from './support/constant.ts'
import { inlineCode, tableRows } from './support/markdown.ts'

const page = readFileSync('docs/limits.md', 'utf8')
const rows = tableRows(page).map(([what = '', bound = '', place = '']) => {
  const [, path = '', name = ''] = /^`([^`]+)` `([^`]+)`$/.exec(place) ?? []
  return { what, bound, path, name }
})
const listed = new Set(rows.map(({ path, name }) => `${path} ${name}`))

describe('the page on limits', () => {
  test.each(rows)('says of $path $name what the code says: $bound', ({ bound, path, name }) => {
    expect(valueIn(bound, name)).toEqual(constantIn(`src/${path}`, name))
  })

  test('lists each bound once', () => {
    expect(listed.size).toBe(rows.length)
  })

  test('lists every limit of the swarm', () => {
    expect(Object.keys(LIMITS).filter((name) => !listed.has(`swarm/limits.ts ${name}`))).toEqual([])
  })

  test('lists every limit of the web server', () => {
    const names = Object.keys(WEB_SERVER_LIMITS)
    expect(names.filter((name) => !listed.has(`web-server/web-server-limits.ts ${name}`))).toEqual([])
    expect(page).toContain(`So ${(WEB_SERVER_LIMITS.connections * WEB_SERVER_LIMITS.chunkBytes) / 1_048_576} MiB of chunks at most`)
  })

  test('lists every limit of the wire', () => {
    expect(constantNames('src/wire/wire-limits.ts').filter((name) => !listed.has(`wire/wire-limits.ts ${name}`))).toEqual([])
  })

  test('lists every constant of the source whose name says that it is a bound', () => {
    const bounds = sourceFiles().flatMap((path) =>
      constantNames(`src/${path}`)
        .filter((name) => /^(MAX|MOST|LONGEST|LARGEST|DEEPEST|max[A-Z])|_MAX_|TIMEOUT/.test(name))
        .map((name) => `${path} ${name}`),
    )
    expect(bounds.length).toBeGreaterThan(40)
    expect(bounds.filter((bound) => !listed.has(bound) && !notBounds.has(bound))).toEqual([])
  })

  test('says in its sentences what the code says', () => {
    const seconds = /a second death within (\d+) s/.exec(page.replaceAll('\n', ' ').replace('that dies is replaced; ', ''))?.[1]
    expect(Number(seconds) * 1_000).toBe(constantIn('src/store/hash-pool.ts', 'REPLACE_AFTER_MS'))
    expect(constantIn('src/base/units.ts', 'BLOCK_BYTES')).toBe(16 * 1_024)
    const ports = /announce (\d+) ports for one info-hash on the public DHT and (\d+) on/.exec(page)
    expect(readFileSync('src/discovery/dht-node.ts', 'utf8')).toContain(`=== undefined ? ${ports?.[1]} : ${ports?.[2]},`)
    expect(page).toContain('One address may hold an eighth of `--max-peers`, and three at least.')
    expect(readFileSync('src/app/network/network.ts', 'utf8')).toContain('Math.max(3, Math.ceil(maxPeers / 8))')
  })

  test('names no file that does not exist', () => {
    const files = new Set(sourceFiles())
    expect(inlineCode(page).filter((code) => /^[\w/-]+\.ts$/.test(code) && !files.has(code))).toEqual([])
  })
})

/** Constants that are named like bounds and bound nothing that could grow: details of how something is written or drawn. */
const notBounds: ReadonlySet<string> = new Set(['wire/decoder.ts maxHeaderBytes', 'wire/extension-handshake.ts maxClientBytes'])

const units: Readonly<Record<string, number>> = {
  '': 1,
  bytes: 1,
  KiB: 1_024,
  MiB: 1_024 ** 2,
  ms: 1,
  s: 1_000,
  min: 60_000,
  h: 3_600_000,
}

/** The number in a cell, in the unit that the name of the constant ends with; undefined for a cell that holds something else. */
function valueIn(cell: string, name: string): Constant | undefined {
  const [, number = '', unit = ''] = /^([\d.,]+)(?: (\w+))?$/.exec(cell) ?? []
  const factor = units[unit]
  if (number === '' || factor === undefined) return undefined
  const value = Number(number.replaceAll(',', '')) * factor
  return /SECONDS$/.test(name) ? value / 1_000 : value
}

function sourceFiles(): readonly string[] {
  return readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
}
