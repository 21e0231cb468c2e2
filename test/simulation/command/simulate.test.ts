import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { MiB } from '../../../src/base/units.ts'
import { automaticPieceLength } from '../../../src/torrent/piece-length.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import type { CompletionTimes } from '../completion-times.ts'
import { readRuns } from '../plot/read-runs.ts'
import { scenarios } from '../scenarios/all.ts'
import { readOptions } from './read-options.ts'
import { simulate } from './simulate.ts'

const small = ['--hosts', '4', '--size', '2M', '--link', '50M', '--seed', '3']

describe('wrong words for a simulation', () => {
  test.each([
    [['--hosts', '0'], '--hosts takes a whole number from 1 to 100,000, not "0".'],
    [['--hosts', 'many'], '--hosts takes a whole number from 1 to 100,000, not "many".'],
    [['--hosts', '-3'], '--hosts takes a whole number from 1 to 100,000, not "-3".'],
    [['--hosts=-3'], '--hosts takes a whole number from 1 to 100,000, not "-3".'],
    [['--hosts', '1e3'], '--hosts takes a whole number from 1 to 100,000, not "1e3".'],
    [['--size', '0'], '--size takes a size from 1M on, such as 256M or 1G, not "0".'],
    [['--size', '1'], '--size takes a size from 1M on, such as 256M or 1G, not "1".'],
    [['--size', 'large'], '--size takes a size from 1M on, such as 256M or 1G, not "large".'],
    [['--seed', '4294967296'], '--seed takes a whole number from 0 to 4,294,967,295, not "4294967296".'],
    [['--link', '100MB'], '--link takes bits a second, such as 100M or 1G, not "100MB".'],
    [['--piece-length', '3M'], 'A piece length of 3145728 bytes is not a power of two from 16 KiB to 64 MiB.'],
    [['--piece-length', 'x'], '--piece-length takes a size such as 256M or 1G, not "x".'],
    [['--piece-length', '256K', '--scale', '3'], '--scale takes a power of two from 1 to 16, a whole piece, not "3".'],
    [['--piece-length', '256K', '--scale', '32'], '--scale takes a power of two from 1 to 16, a whole piece, not "32".'],
    [['--scenario', 'equals'], 'There is no scenario "equals".'],
    [['--scenario', ''], 'There is no scenario "".'],
    [['--trace', 'never-written', '--trace-host', '-1'], '--trace-host takes a whole number from 0 to 100,000, not "-1".'],
    [['--trace', 'never-written', '--trace-host', 'x'], '--trace-host takes a whole number from 0 to 100,000, not "x".'],
    [['--trace-host', '2'], '--trace-host says whose story --trace FILE gets, and there is no --trace.'],
    [[...small, '--trace', '/', '--trace-host', '1'], 'The trace cannot be written to /.'],
    [[...small, '--times', '/'], 'The completion times cannot be written to /.'],
    [[...small, '--trace', 'never-written', '--trace-host', '5'], 'There is no host 5 to trace.'],
    [['--host', '4'], "Unknown option '--host'."],
    [['--json=yes'], "Option '--json' does not take an argument."],
    [['--hosts'], "Option '--hosts <value>' argument missing."],
    [['equal'], "Unexpected argument 'equal'."],
  ])('%j are answered with one sentence and exit code 2', (words, sentence) => {
    const { code, out, err } = call(words)
    expect([code, out]).toEqual([2, ''])
    expect(err.split('\n')[0]).toBe(sentence)
    expect(err).toMatch(/^[^\n]+\n(?:[^\n]+\n)?$/)
  })

  test('are told which scenario was probably meant', () => {
    expect(call(['--scenario', 'equals']).err).toContain('Did you mean equal?')
    expect(call(['--scenario', 'zzzzzz']).err).toContain(scenarios.map(({ name }) => name).join(', '))
  })
})

describe('the words for a simulation', () => {
  test('have defaults', () => {
    expect(readOptions([])).toMatchObject({
      hosts: 100,
      sizeBytes: 268_435_456,
      pieceLengthBytes: 262_144,
      seed: 1,
      isJson: false,
      scale: 1,
    })
  })

  test('give very many hosts longer pieces, up to 1 MiB, so that a run ends', () => {
    const piecesOf = (...words: readonly string[]): unknown => readOptions(words)
    expect(piecesOf('--hosts', '100', '--size', '1G')).toMatchObject({ pieceLengthBytes: 262_144 })
    expect(piecesOf('--hosts', '1000', '--size', '1G')).toMatchObject({ pieceLengthBytes: 524_288, scale: 8 })
    expect(piecesOf('--hosts', '10000', '--size', '1G')).toMatchObject({ pieceLengthBytes: 1_048_576, scale: 16 })
  })

  test('are read', () => {
    const words = [
      '--hosts',
      '1000',
      '--size',
      '1G',
      '--scenario',
      'crash',
      '--seed',
      '7',
      '--link',
      '1G',
      '--piece-length',
      '1M',
      '--scale',
      '8',
      '--json',
    ]
    expect(readOptions(words)).toMatchObject({
      hosts: 1_000,
      sizeBytes: 2 ** 30,
      pieceLengthBytes: 2 ** 20,
      scenario: { name: 'crash' },
      seed: 7,
      linkBytesPerSecond: 125_000_000,
      scale: 8,
      isJson: true,
    })
  })
})

describe('the command', () => {
  test('lists every scenario with a sentence, and explains itself', () => {
    const { code, out } = call(['--list'])
    expect(code).toBe(0)
    expect(out.trim().split('\n')).toHaveLength(scenarios.length)
    for (const { name, summary } of scenarios) expect(out).toMatch(new RegExp(`^${name} +${summary}$`, 'm'))
    expect(call(['--help'])).toMatchObject({ code: 0, err: '' })
    expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length)
  })

  test('prints the figures for people, and as one line of JSON for programs', () => {
    const { code, out } = call(small)
    expect(code).toBe(0)
    expect(out).toMatch(/^finished +all$/m)
    const json = call([...small, '--scenario', 'origin-leaves', '--json'])
    expect(json.out.split('\n')).toHaveLength(2)
    const report = JSON.parse(json.out) as Record<string, unknown>
    for (const name of [
      'lastOverBound',
      'medianOverBound',
      'originCopies',
      'duplicateBytes',
      'protocolOverhead',
      'events',
      'wallSeconds',
    ]) {
      expect(report[name], name).toBeTypeOf('number')
    }
    expect(report).toMatchObject({ scenario: 'origin-leaves', hosts: 4, seed: 3, completed: 4, unfinished: 0 })
    expect(report.figures).toEqual({ originLeftOverBound: expect.any(Number) as number })
  })

  test('writes the story of one host', async () => {
    const file = join(await temporaryFolder(), 'trace.jsonl')
    expect(call([...small, '--trace', file, '--trace-host', '2']).code).toBe(0)
    const lines = readFileSync(file, 'utf8').trim().split('\n')
    const types = lines.map((line) => (JSON.parse(line) as { readonly type: string }).type)
    expect(types[0]).toBe('started')
    expect(types.filter((type) => type === 'piece')).toHaveLength((2 * MiB) / automaticPieceLength(2 * MiB))
    expect(types).toContain('complete')
  })

  test('writes when each host finished', async () => {
    const file = join(await temporaryFolder(), 'times.json')
    expect(call([...small, '--times', file]).code).toBe(0)
    const run = JSON.parse(readFileSync(file, 'utf8')) as CompletionTimes
    expect(run).toMatchObject({ scenario: 'equal', hosts: 4, sizeBytes: 2_097_152, linkBytesPerSecond: 6_250_000, seed: 3, unfinished: 0 })
    expect(run.overBound).toHaveLength(4)
    expect(run.overBound).toEqual(run.overBound.toSorted((one, other) => one - other))
    expect(readRuns([file])).toEqual({ value: [run] })
  })
})

function call(words: readonly string[]): { readonly code: number; readonly out: string; readonly err: string } {
  let out = ''
  let err = ''
  const stdout = { write: (text: string) => (out += text) }
  const stderr = { write: (text: string) => (err += text) }
  const code = simulate(words, { stdout, stderr })
  return { code, out, err }
}
