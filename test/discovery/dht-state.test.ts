import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadDhtNodes, saveDhtNodes } from '../../src/discovery/dht-state.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const nodes = [
  { host: '10.0.0.1', port: 6881 },
  { host: '192.0.2.7', port: 1 },
]

describe('the nodes of a DHT', () => {
  test('are kept from one run to the next, in a folder that is made for them', async () => {
    const file = join(await temporaryFolder(), 'state', 'dht.json')
    await saveDhtNodes(file, 'public', nodes)
    expect(await loadDhtNodes(file, 'public')).toEqual(nodes)
    expect(await readdir(join(file, '..'))).toEqual(['dht.json'])
  })

  test('are kept apart by network', async () => {
    const file = join(await temporaryFolder(), 'dht.json')
    await saveDhtNodes(file, 'public', nodes)
    await saveDhtNodes(file, '10.0.0.1:6881', nodes.slice(1))
    expect(await loadDhtNodes(file, 'public')).toEqual(nodes)
    expect(await loadDhtNodes(file, '10.0.0.1:6881')).toEqual(nodes.slice(1))
    expect(await loadDhtNodes(file, 'another')).toEqual([])
  })

  test('are 400 at most of each of the last 8 networks', async () => {
    const file = join(await temporaryFolder(), 'dht.json')
    const many = Array.from({ length: 1_000 }, (_, index) => ({ host: '10.0.0.1', port: index + 1 }))
    for (let network = 0; network < 10; network++) await saveDhtNodes(file, `${network}`, many)
    expect(await loadDhtNodes(file, '9')).toHaveLength(400)
    expect(await loadDhtNodes(file, '2')).toHaveLength(400)
    expect(await loadDhtNodes(file, '1')).toEqual([])
  })

  test('that nobody could dial are left out', async () => {
    const file = join(await temporaryFolder(), 'dht.json')
    const strange = [
      { host: '224.0.0.1', port: 1 },
      { host: '10.0.0.1', port: 0 },
      { host: '::1', port: 5 },
      { host: 7, port: 7 },
      null,
      'x',
    ]
    await writeFile(file, JSON.stringify({ version: 1, networks: [['public', [...strange, ...nodes]], 'x', [1, 2]] }))
    expect(await loadDhtNodes(file, 'public')).toEqual(nodes)
  })

  test.each([
    ['empty', ''],
    ['not JSON', '{"version":1,'],
    ['of another version', '{"version":2,"networks":[["public",[{"host":"10.0.0.1","port":1}]]]}'],
    ['null', 'null'],
    ['a list', '[]'],
    ['with networks that are no list', '{"version":1,"networks":{}}'],
    ['too long', `{"version":1,"networks":[["public",[{"host":"10.0.0.1","port":1}]]]}${' '.repeat(300_000)}`],
  ])('are none when the file is %s', async (_, text) => {
    const file = join(await temporaryFolder(), 'dht.json')
    await writeFile(file, text)
    expect(await loadDhtNodes(file, 'public')).toEqual([])
  })

  test('are none when the file is missing or a folder', async () => {
    const folder = await temporaryFolder()
    expect(await loadDhtNodes(join(folder, 'missing'), 'public')).toEqual([])
    expect(await loadDhtNodes(folder, 'public')).toEqual([])
  })

  test('replace the file in one step, or leave nothing behind', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'taken', 'by a folder'), { recursive: true })
    await expect(saveDhtNodes(join(folder, 'taken'), 'public', nodes)).rejects.toThrow()
    expect(await readdir(folder)).toEqual(['taken'])
    await saveDhtNodes(join(folder, 'dht.json'), 'public', nodes)
    expect(JSON.parse(await readFile(join(folder, 'dht.json'), 'utf8'))).toEqual({ version: 1, networks: [['public', nodes]] })
  })
})
