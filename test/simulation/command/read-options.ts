import { parseArgs } from 'node:util'
import { DistroError } from '../../../src/base/errors.ts'
import { BLOCK_BYTES, MiB } from '../../../src/base/units.ts'
import { nearestWord } from '../../../src/cli/nearest-word.ts'
import { parseSize } from '../../../src/cli/values/parse-size.ts'
import { parseWholeNumber } from '../../../src/cli/values/parse-whole-number.ts'
import { checkPieceLength } from '../../../src/torrent/piece-length.ts'
import type { Scenario } from '../scenario.ts'
import { scenarios } from '../scenarios/all.ts'
import type { SimulationOptions } from '../simulation.ts'
import { automaticPieceLengthFor } from './automatic-piece-length.ts'
import { automaticScale } from './automatic-scale.ts'
import { parseLink } from './parse-link.ts'

/** One run, and what is to be told of it. */
export interface SimulateOptions extends SimulationOptions {
  readonly isJson: boolean
  readonly traceFile: string | undefined
  readonly traceHost: number
  readonly timesFile: string | undefined
}

const MOST_HOSTS = 100_000
const LARGEST_SEED = 2 ** 32 - 1
/** In less than this the hosts find each other, and hardly anything else happens. */
const LEAST_CONTENT_BYTES = MiB

/**
 * Reads the words after `npm run simulate --`.
 *
 * @throws DistroError `USAGE` for an unknown flag or a bad value.
 */
export function readOptions(words: readonly string[]): SimulateOptions | 'help' | 'list' {
  const values = parse(words)
  if (values.help === true) return 'help'
  if (values.list === true) return 'list'
  const hosts = number('hosts', values.hosts ?? '100', 1, MOST_HOSTS)
  const sizeBytes = contentSize(values.size ?? '256M')
  if (values['trace-host'] !== undefined && values.trace === undefined) {
    throw new DistroError('USAGE', '--trace-host says whose story --trace FILE gets, and there is no --trace.', {
      hint: `Write --trace story.jsonl --trace-host ${values['trace-host']}, or leave it out.`,
    })
  }
  const pieceLengthBytes = pieceLength(values['piece-length'], hosts, sizeBytes)
  return {
    hosts,
    sizeBytes,
    pieceLengthBytes,
    scenario: scenarioNamed(values.scenario ?? 'equal'),
    seed: number('seed', values.seed ?? '1', 0, LARGEST_SEED),
    scale: scaleOf(values.scale, hosts, sizeBytes, pieceLengthBytes),
    linkBytesPerSecond: link(values.link ?? '100M'),
    isJson: values.json === true,
    traceFile: values.trace,
    timesFile: values.times,
    traceHost: number('trace-host', values['trace-host'] ?? '1', 0, MOST_HOSTS),
  }
}

function parse(words: readonly string[]) {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  try {
    return parseArgs({
      args: numbersJoined(words),
      options: {
        hosts: text,
        size: text,
        scenario: text,
        seed: text,
        link: text,
        'piece-length': text,
        scale: text,
        json: flag,
        trace: text,
        'trace-host': text,
        times: text,
        list: flag,
        help: flag,
      },
    }).values
  } catch (cause) {
    const sentence = (cause as Error).message.split(/\.\s/)[0]?.replace(/\.$/, '')
    throw new DistroError('USAGE', `${sentence}.`, { hint: 'npm run simulate -- --help lists the flags.', cause })
  }
}

/** A number below 0 is a bad value of the flag before it, and no flag. */
function numbersJoined(words: readonly string[]): string[] {
  const joined: string[] = []
  for (const word of words) {
    const flag = joined.at(-1)
    if (flag !== undefined && /^-[\d.]/.test(word) && /^--[\w-]+$/.test(flag)) joined[joined.length - 1] = `${flag}=${word}`
    else joined.push(word)
  }
  return joined
}

function number(flag: string, text: string, least: number, most: number): number {
  const value = parseWholeNumber(text, least, most)
  if (value === undefined)
    throw wrong(flag, text, `a whole number from ${least.toLocaleString('en-US')} to ${most.toLocaleString('en-US')}`)
  return value
}

function contentSize(text: string): number {
  const bytes = parseSize(text)
  if (bytes === undefined || bytes < LEAST_CONTENT_BYTES) throw wrong('size', text, 'a size from 1M on, such as 256M or 1G')
  return bytes
}

function size(flag: string, text: string): number {
  const bytes = parseSize(text)
  if (bytes === undefined || bytes < 1) throw wrong(flag, text, 'a size such as 256M or 1G')
  return bytes
}

function pieceLength(text: string | undefined, hosts: number, sizeBytes: number): number {
  if (text === undefined) return automaticPieceLengthFor(hosts, sizeBytes)
  const bytes = size('piece-length', text)
  checkPieceLength(bytes)
  return bytes
}

function scaleOf(text: string | undefined, hosts: number, sizeBytes: number, pieceLengthBytes: number): number {
  if (text === undefined) return automaticScale(hosts, sizeBytes, pieceLengthBytes)
  const most = pieceLengthBytes / BLOCK_BYTES
  const scale = parseWholeNumber(text, 1, most)
  if (scale === undefined || !Number.isInteger(Math.log2(scale)))
    throw wrong('scale', text, `a power of two from 1 to ${most}, a whole piece`)
  return scale
}

function link(text: string): number {
  const bytesPerSecond = parseLink(text)
  if (bytesPerSecond === undefined) throw wrong('link', text, 'bits a second, such as 100M or 1G')
  return bytesPerSecond
}

function scenarioNamed(name: string): Scenario {
  const scenario = scenarios.find((each) => each.name === name)
  if (scenario !== undefined) return scenario
  const names = scenarios.map((each) => each.name)
  const near = nearestWord(name, names)
  throw new DistroError('USAGE', `There is no scenario "${name}".`, {
    hint: near === undefined ? `Known: ${names.join(', ')}.` : `Did you mean ${near}?`,
  })
}

function wrong(flag: string, text: string, what: string): DistroError {
  return new DistroError('USAGE', `--${flag} takes ${what}, not "${text}".`, { hint: 'npm run simulate -- --help lists the flags.' })
}
