import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Clock, Timer } from '../../base/clock.ts'
import type { FolderAnswer, FolderCall, Numbered } from './folder-calls.ts'
import { folderReaderUrl } from './folder-reader-url.ts'

/** `hung`: given up, and so was everything else under way. `lost`: the process that reads came to an end by itself, or `cause` kept it from starting. */
export type DiskAnswer = FolderAnswer | { readonly kind: 'hung' | 'lost'; readonly cause?: unknown }

/**
 * The disk as a folder web seed sees it: a process that makes the calls, so that a mount that hangs takes none of the few threads with
 * which this process reads and writes its own files, and does not keep it from ending. Started by the first call, and ended when nothing
 * was asked of it for 10 s and no file is open; keeps this process alive only while a call is under way.
 */
export class FolderDisk {
  readonly #clock: Clock
  readonly #program: URL
  readonly #waiting = new Map<number, (answer: DiskAnswer) => void>()
  #child: ChildProcess | undefined
  /** A process that was killed and has not ended, because a call that it made does not. */
  #hung: ChildProcess | undefined
  readonly #openFiles = new Set<number>()
  #idle: Timer | undefined
  #lastNumber = 0
  #lastFile = 0

  /** `program` is another one than usual in tests. */
  constructor(clock: Clock, program: URL = folderReaderUrl) {
    this.#clock = clock
    this.#program = program
  }

  /** What to call the next file that is opened. */
  newFile(): number {
    return ++this.#lastFile
  }

  /** Never rejects. Nothing is begun while a process hangs: it is said at once. */
  call(call: FolderCall): Promise<DiskAnswer> {
    if (this.#hung !== undefined) return Promise.resolve({ kind: 'hung' })
    const number = ++this.#lastNumber
    this.#idle?.cancel()
    return new Promise((resolve) => {
      const child = this.#running()
      if ('cause' in child) return resolve({ kind: 'lost', ...child })
      this.#waiting.set(number, (answer) => {
        if (call.kind === 'open' && answer.kind === 'opened') this.#openFiles.add(call.file)
        resolve(answer)
      })
      // One that got no descriptors for its pipes cannot be sent anything; it tells why in an event, a moment later.
      if (child.pid === undefined) return
      child.channel?.ref()
      const message: Numbered<FolderCall> = { ...call, number }
      child.send(message, (error) => {
        if (error !== null) this.#answer(number, { kind: 'lost' })
      })
    })
  }

  /** Closes what was opened, if whoever opened it is still there. */
  release(file: number): void {
    this.#openFiles.delete(file)
    if (this.#child?.connected === true) void this.call({ kind: 'close', file })
  }

  /** Ends the process, because a call takes too long. */
  giveUp(): void {
    this.#hung = this.#child
    this.#end({ kind: 'hung' })
  }

  /** Ends the process; what is under way is lost. */
  close(): void {
    this.#end({ kind: 'lost' })
  }

  #running(): ChildProcess | { readonly cause: unknown } {
    try {
      this.#child ??= this.#start()
      return this.#child
    } catch (cause) {
      return { cause }
    }
  }

  #end(answer: DiskAnswer): void {
    this.#answerAll(answer)
    this.#child?.kill('SIGKILL')
    this.#forget()
  }

  #forget(): void {
    this.#child = undefined
    this.#openFiles.clear()
    this.#idle?.cancel()
  }

  #start(): ChildProcess {
    const child = fork(fileURLToPath(this.#program), {
      cwd: '/',
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    child.on('message', (message) => {
      const { number, ...answer } = message as Numbered<FolderAnswer>
      this.#answer(number, answer)
    })
    child.on('error', (cause) => this.#ended(child, cause))
    child.once('exit', () => this.#ended(child))
    child.unref()
    child.channel?.unref()
    return child
  }

  #ended(child: ChildProcess, cause?: unknown): void {
    if (this.#hung === child) this.#hung = undefined
    if (this.#child !== child) return
    this.#forget()
    this.#answerAll(cause === undefined ? { kind: 'lost' } : { kind: 'lost', cause })
  }

  #answerAll(answer: DiskAnswer): void {
    for (const number of [...this.#waiting.keys()]) this.#answer(number, answer)
  }

  #answer(number: number, answer: DiskAnswer): void {
    const take = this.#waiting.get(number)
    this.#waiting.delete(number)
    take?.(answer)
    if (this.#waiting.size === 0) this.#rest()
  }

  #rest(): void {
    this.#child?.channel?.unref()
    this.#idle?.cancel()
    // A host may seed for days what it fetched in seconds.
    if (this.#child !== undefined && this.#openFiles.size === 0) this.#idle = this.#clock.after(IDLE_MS, () => this.close())
  }
}

const IDLE_MS = 10_000
