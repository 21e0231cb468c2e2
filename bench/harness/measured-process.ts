import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { DistroError } from '../../src/base/errors.ts'
import type { Place } from './place.ts'

/** A program with its arguments, and what is added to its environment. */
export interface Command {
  readonly words: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** When a measured program began: its process id, and the moment on both clocks in seconds. */
export interface Started {
  readonly pid: number
  readonly monotonic: number
  readonly unix: number
}

/** What a program used from its start to its exit; CPU time counts every thread and every child it waited for. */
export interface Usage {
  readonly exitCode: number
  readonly monotonic: number
  readonly wallSeconds: number
  readonly cpuSeconds: number
  readonly peakRssKiB: number
  readonly peakAnonymousKiB: number
}

/** How a measured program is launched. */
export interface LaunchOptions {
  /** Where its standard error goes. */
  readonly logPath: string
  /** Words put in front of the whole measurement, such as `ip netns exec NAME`. */
  readonly within?: readonly string[]
  /** Hold the program back until `go()`, so that many can start at once. */
  readonly wait?: boolean
}

type Report = { readonly event: 'waiting' } | ({ readonly event: 'started' } & Started) | ({ readonly event: 'ended' } & Usage)

/** Clock ticks a second in /proc, which every Linux that Node supports has set to this. */
const TICKS_PER_SECOND = 100

/** One program under measurement; the operating system's own accounting is read by a small wrapper that outlives it. */
export class MeasuredProcess {
  readonly waiting: Promise<void>
  readonly started: Promise<Started>
  readonly ended: Promise<Usage>
  readonly #wrapper: ChildProcess
  readonly #output: Output

  constructor(place: Place, command: Command, options: LaunchOptions) {
    const log = openSync(options.logPath, 'a')
    const measure = ['/usr/bin/python3', path.join(place.root, 'bench', 'harness', 'measure.py')]
    const words = [...(options.within ?? []), ...measure, ...(options.wait ? ['--wait'] : []), ...command.words]
    this.#wrapper = spawn(words[0] ?? '', words.slice(1), {
      stdio: ['pipe', 'pipe', log, 'pipe'],
      env: { ...measuredEnvironment(), ...command.env },
      detached: true,
    })
    closeSync(log)
    this.#wrapper.stdin?.on('error', () => {})
    const reports = new Reports(command, options.logPath, this.#wrapper)
    this.waiting = reports.promise('waiting')
    this.started = reports.promise('started')
    this.ended = reports.promise('ended')
    this.#output = new Output(this.#wrapper.stdout as Readable)
  }

  /** Waits for the first line on standard output that begins with `start`. */
  line(start = ''): Promise<string> {
    return this.#output.line(start)
  }

  /** Starts a program that was launched with `wait`. */
  go(): void {
    this.#wrapper.stdin?.write('go\n')
  }

  /** Asks the program to end with SIGTERM, insists after a grace period, and tells what it used. */
  stop(): Promise<Usage> {
    this.#wrapper.stdin?.write('stop\n')
    return this.ended
  }

  /** Ends the program at once and tells what it used. */
  kill(): Promise<Usage> {
    this.#wrapper.stdin?.end('kill\n')
    return this.ended
  }

  /** CPU seconds the running program has used so far, ended threads included. */
  async cpuSecondsSoFar(): Promise<number> {
    const { pid } = await this.started
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return [11, 12, 13, 14].reduce((ticks, index) => ticks + Number(fields[index]), 0) / TICKS_PER_SECOND
  }
}

/** Ours without what an administrator set for all programs: with certificates to add, Node takes 30 ms to read them before its first line. */
function measuredEnvironment(): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env
  return environment
}

class Reports {
  readonly #waiters = new Map<string, { resolve: (report: never) => void; reject: (error: unknown) => void }>()

  constructor(command: Command, logPath: string, wrapper: ChildProcess) {
    const failed = (cause?: unknown): void => {
      const error = new DistroError('INTERNAL', `${command.words.join(' ')} ended before it could be measured`, {
        hint: tail(logPath),
        cause,
      })
      for (const waiter of this.#waiters.values()) waiter.reject(error)
    }
    let ended = false
    wrapper.on('error', failed)
    const lines = createInterface({ input: wrapper.stdio[3] as Readable })
    lines.on('line', (line) => {
      const report = JSON.parse(line) as Report
      ended ||= report.event === 'ended'
      this.#waiters.get(report.event)?.resolve(report as never)
    })
    lines.on('close', () => {
      if (!ended) failed()
    })
  }

  promise<T>(event: Report['event']): Promise<T> {
    const promise = new Promise<T>((resolve, reject) => this.#waiters.set(event, { resolve, reject }))
    promise.catch(() => {})
    return promise
  }
}

class Output {
  readonly #lines: string[] = []
  readonly #waiters: { start: string; resolve: (line: string) => void }[] = []

  constructor(stream: Readable) {
    createInterface({ input: stream }).on('line', (line) => {
      this.#lines.push(line)
      for (const { start, resolve } of this.#waiters) if (line.startsWith(start)) resolve(line)
    })
  }

  line(start: string): Promise<string> {
    const seen = this.#lines.find((line) => line.startsWith(start))
    return seen === undefined ? new Promise((resolve) => this.#waiters.push({ start, resolve })) : Promise.resolve(seen)
  }
}

/** The last lines of a log, to show why something failed. */
export function tail(logPath: string): string {
  if (!existsSync(logPath)) return ''
  const lines = readFileSync(logPath, 'utf8').trimEnd().split('\n')
  return lines.slice(-8).join('\n')
}
