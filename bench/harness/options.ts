import path from 'node:path'
import { parseArgs } from 'node:util'
import { DistroError } from '../../src/base/errors.ts'
import type { Place } from './place.ts'
import { parseSize } from './sizes.ts'

/** What a person chose on the command line; what is absent is each benchmark's own default. */
export interface Options {
  readonly sizeBytes?: number
  readonly pieceLength?: number
  readonly rounds?: number
  readonly clients?: readonly string[]
  readonly directory?: string
  readonly hosts?: number
  readonly mbit?: number
  readonly preset?: string
  /** Begin with a round that does not count. */
  readonly warmUp: boolean
  /** Keep the result in bench/results. */
  readonly save: boolean
  /** How distro is run. */
  readonly distro: readonly string[]
  /** Tells the person what is going on. */
  say(line: string): void
}

/**
 * Reads the words after `npm run bench --`; the ones that are no flags name benchmarks or files.
 *
 * @throws DistroError `USAGE` for an unknown flag or a bad value.
 */
export function readOptions(words: readonly string[], place: Place): { verbs: string[]; options: Options } {
  const { values, positionals } = parse(words)
  const options: Options = {
    save: !values['no-save'],
    warmUp: true,
    distro: values.distro?.split(' ') ?? [process.execPath, path.join(place.root, 'bin', 'distro.js')],
    say: (line) => process.stderr.write(`${line}\n`),
    ...(values.size !== undefined && { sizeBytes: parseSize(values.size) }),
    ...(values['piece-length'] !== undefined && { pieceLength: parseSize(values['piece-length']) }),
    ...(values.rounds !== undefined && { rounds: count(values.rounds, 'rounds') }),
    ...(values.hosts !== undefined && { hosts: count(values.hosts, 'hosts') }),
    ...(values.mbit !== undefined && { mbit: count(values.mbit, 'mbit') }),
    ...(values.clients !== undefined && { clients: values.clients.split(',') }),
    ...(values.dir !== undefined && { directory: path.resolve(values.dir) }),
    ...(values.preset !== undefined && { preset: values.preset }),
  }
  return { verbs: positionals, options }
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        size: { type: 'string' },
        'piece-length': { type: 'string' },
        rounds: { type: 'string' },
        clients: { type: 'string' },
        dir: { type: 'string' },
        hosts: { type: 'string' },
        mbit: { type: 'string' },
        preset: { type: 'string' },
        distro: { type: 'string' },
        'no-save': { type: 'boolean' },
      },
    })
  } catch (cause) {
    throw new DistroError('USAGE', (cause as Error).message, { hint: 'docs/benchmarks.md lists the flags' })
  }
}

function count(text: string, flag: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new DistroError('USAGE', `--${flag} takes a whole number from 1 to 9999, not "${text}"`)
  return Number(text)
}
