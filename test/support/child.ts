import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** How a process ended. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** What a process may be given besides its words. */
export interface ChildOptions {
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
}

/**
 * A process of ours whose output is read line by line. Waiting for a line looks at those that came before as well, so that no
 * line is missed however late one asks.
 */
export class Child {
  readonly name: string
  readonly stdout: string[] = []
  readonly stderr: string[] = []
  /** Settles when the process has ended and its output is read to the end. */
  readonly exited: Promise<Exit>
  readonly #process: ChildProcess
  readonly #listeners = new Set<() => void>()
  #exit: Exit | undefined

  constructor(command: string, words: readonly string[], { env = process.env, cwd }: ChildOptions = {}) {
    this.name = [command.replace(/.*\//, ''), ...words].join(' ')
    this.#process = spawn(command, words, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    this.exited = this.#collect()
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  get isRunning(): boolean {
    return this.#exit === undefined
  }

  /** What was printed so far, for messages. */
  get output(): string {
    return [`$ ${this.name}`, ...this.stdout.slice(-40), ...this.stderr.slice(-40)].join('\n')
  }

  /** The first thing that `find` makes of a line of stdout, printed already or within `timeoutMs`. Rejects when the process ends without it. */
  async find<Found>(what: string, find: (line: string) => Found | undefined, timeoutMs = 60_000): Promise<Found> {
    let read = 0
    const look = (): Found | undefined => {
      while (read < this.stdout.length) {
        const found = find(this.stdout[read++] ?? '')
        if (found !== undefined) return found
      }
      return undefined
    }
    let end = (): void => {}
    try {
      return await new Promise<Found>((resolve, reject) => {
        const check = (): void => {
          const found = look()
          if (found !== undefined) resolve(found)
          else if (this.#exit !== undefined) reject(new Error(`ended with ${describe(this.#exit)} before ${what}\n${this.output}`))
        }
        const timer = setTimeout(() => reject(new Error(`no ${what} within ${timeoutMs} ms\n${this.output}`)), timeoutMs)
        this.#listeners.add(check)
        end = () => {
          clearTimeout(timer)
          this.#listeners.delete(check)
        }
        check()
      })
    } finally {
      end()
    }
  }

  signal(signal: NodeJS.Signals): void {
    if (this.isRunning) this.#process.kill(signal)
  }

  /** Asks the process to stop and, `patienceMs` later, makes it. */
  async stop(signal: NodeJS.Signals = 'SIGTERM', patienceMs = 30_000): Promise<Exit> {
    this.signal(signal)
    const timer = setTimeout(() => this.signal('SIGKILL'), patienceMs)
    try {
      return await this.exited
    } finally {
      clearTimeout(timer)
    }
  }

  async #collect(): Promise<Exit> {
    for (const [stream, lines] of [
      [this.#process.stdout, this.stdout],
      [this.#process.stderr, this.stderr],
    ] as const) {
      if (stream === null) continue
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line)
        this.#notify()
      })
    }
    const [code, signal] = (await once(this.#process, 'close')) as [number | null, NodeJS.Signals | null]
    this.#exit = { code, signal }
    this.#notify()
    return this.#exit
  }

  #notify(): void {
    for (const listener of this.#listeners) listener()
  }
}

function describe({ code, signal }: Exit): string {
  return signal === null ? `exit code ${code}` : signal
}
