import { describe, expect, it } from 'vitest'
import { pickRun } from '../../../src/app/control/pick-run.ts'
import { sampleRun } from '../../cli/sample-runs.ts'

const runs = [
  { summary: { ...sampleRun, id: 'gabc', name: 'app', infoHash: 'abcd12'.padEnd(40, '0') } },
  { summary: { ...sampleRun, id: 'gab2', name: 'tools', infoHash: 'abcd34'.padEnd(40, '0') } },
  { summary: { ...sampleRun, id: 'kkkk', name: 'tools', infoHash: null } },
  { summary: { ...sampleRun, id: 'zzzz', name: 'kkkk', infoHash: 'ffff'.padEnd(40, '1') } },
]

describe('a run', () => {
  it.each([
    ['gabc', 'gabc'],
    ['GABC', 'gabc'],
    ['z', 'zzzz'],
    ['app', 'gabc'],
    ['abcd1', 'gabc'],
    ['ABCD3', 'gab2'],
    ['ffff'.padEnd(40, '1'), 'zzzz'],
    // An id wins over a name.
    ['kkkk', 'kkkk'],
  ])('is named by %s', (word, id) => {
    expect(pickRun(word, runs).summary.id).toBe(id)
  })

  it.each(['ga', 'tools', 'abcd'])('is not named by %s, which several are called', (word) => {
    expect(() => pickRun(word, runs)).toThrow(
      expect.objectContaining({ code: 'USAGE', hint: expect.stringContaining('Name one by its id: ga') }),
    )
  })

  it('is the only fetch of those that are called so, for a seed asks no web seed', () => {
    const seeds = ['gab3', 'gab4'].map((id) => ({ summary: { ...sampleRun, id, verb: 'seed' as const } }))
    const fetch = { summary: { ...sampleRun, id: 'gab5', verb: 'fetch' as const } }
    expect(pickRun('app', [...seeds, fetch])).toBe(fetch)
    expect(() => pickRun('app', seeds)).toThrow(expect.objectContaining({ code: 'USAGE' }))
    expect(() => pickRun('app', [...seeds, fetch, fetch])).toThrow(expect.objectContaining({ code: 'USAGE' }))
    expect(pickRun('gab3', [...seeds, fetch])).toBe(seeds[0])
  })

  it.each(['fff', 'ap', 'abcd5', 'nothing'])('is not named by %s, which none is called', (word) => {
    expect(() => pickRun(word, runs)).toThrow(
      expect.objectContaining({ code: 'INPUT_MISSING', hint: expect.stringMatching(/gabc \(fetch app\)/) }),
    )
  })

  it('is missed with another hint where nothing runs', () => {
    expect(() => pickRun('a', [])).toThrow(expect.objectContaining({ code: 'INPUT_MISSING', hint: expect.stringContaining('--state-dir') }))
  })

  it('is chosen from many candidates, of which some are named', () => {
    const many = Array.from({ length: 12 }, (_, index) => ({ summary: { ...sampleRun, id: `ga${index + 10}` } }))
    expect(() => pickRun('ga', many)).toThrow(expect.objectContaining({ hint: expect.stringMatching(/ga19 \(fetch app\), and 2 more\.$/) }))
  })
})
