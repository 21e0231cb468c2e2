import { execFileSync } from 'node:child_process'
import os from 'node:os'
import { GiB } from '../../src/base/units.ts'

/** The size of the machine that made a result; it says nothing about whose it is. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly kernel: string
  readonly node: string
}

/** Describes this machine. */
export function describeMachine(): Machine {
  return {
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.cpus().length,
    memoryGiB: Math.round(os.totalmem() / GiB),
    kernel: `${os.type()} ${os.release()}`,
    node: process.version,
  }
}

/** Seconds that the cores of this machine, all together, have not been idle since it started, whoever kept them busy. */
export function busySeconds(): number {
  return os.cpus().reduce((sum, { times }) => sum + (times.user + times.nice + times.sys + times.irq) / 1000, 0)
}

const LIBTORRENT = ['/usr/bin/python3', '-c', 'import libtorrent; print(libtorrent.__version__)'] as const

const VERSION_COMMANDS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  openssl: ['openssl', 'version'],
  nginx: ['nginx', '-v'],
  libtorrent: LIBTORRENT,
  'libtorrent-tuned': LIBTORRENT,
  aria2: ['aria2c', '--version'],
  transmission: ['transmission-cli', '--version'],
  mktorrent: ['mktorrent', '-h'],
  zsync: ['zsync', '-V'],
}

/** Asks a peer program for its version; `undefined` when it is not installed. */
export function versionOf(program: string, distro: readonly string[]): string | undefined {
  const [file = '', ...words] = program === 'distro' ? [...distro, '--version'] : (VERSION_COMMANDS[program] ?? [program, '--version'])
  try {
    const text = execFileSync('/bin/sh', ['-c', '"$@" 2>&1 || true', 'sh', file, ...words], { encoding: 'utf8', timeout: 20_000 })
    return /\d+\.\d+(\.\d+)*|(?<=^\w+ )\d+$/m.exec(text)?.[0]
  } catch {
    return undefined
  }
}
