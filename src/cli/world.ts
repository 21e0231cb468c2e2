import { fstatSync, writeSync } from 'node:fs'
import { homedir } from 'node:os'
import type { Clock } from '../base/clock.ts'
import { systemClock } from '../base/system-clock.ts'

/** One of the two output streams. Writing to one whose reader has gone away, or that failed before, does nothing. */
export interface Output {
  write(text: string): void
  /** Why text was lost, such as a full disk; undefined when none was, and when only the reader went away. */
  readonly fault: Error | undefined
  readonly isTerminal: boolean
  /** Width of the terminal in characters; 80 when it is not known. */
  readonly columns: number
}

/** The signals that ask a process to stop. */
export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP'

/** Everything outside the program that the command line touches, so that tests can hand in another world. */
export interface World {
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
  /** The working folder; absolute. */
  readonly cwd: string
  /** The user's home; undefined when there is none. */
  readonly home: string | undefined
  readonly clock: Clock
  /** The time of day. */
  now(): Date
  /** Calls `listener` for every signal that asks us to stop; returns the function that ends it, after which they do nothing. */
  onSignal(listener: (signal: StopSignal) => void): () => void
}

/** The real world. */
export function processWorld(): World {
  return {
    stdout: outputTo(process.stdout),
    stderr: outputTo(process.stderr),
    env: process.env,
    cwd: process.cwd(),
    home: homeFolder(),
    clock: systemClock,
    now: () => new Date(),
    onSignal,
  }
}

/** The words after the program's name. */
export function commandWords(): readonly string[] {
  return process.argv.slice(2)
}

/**
 * Ends the process with `exitCode`: by itself if nothing is left open, and a moment later in any case,
 * so that a forgotten socket cannot keep a pipeline waiting. It leaves without taking Node apart piece by piece, which lets go of
 * the signals first and takes many milliseconds more, in which a second Ctrl-C would take the exit code away.
 */
export function leave(exitCode: number): void {
  process.exitCode = exitCode
  process.once('beforeExit', () => process.exit(exitCode))
  setTimeout(() => process.exit(exitCode), 100).unref()
}

type StandardStream = NodeJS.WriteStream & { readonly fd: number }

function outputTo(stream: StandardStream): Output {
  let isOpen = true
  let fault: Error | undefined
  let isFile: boolean | undefined
  const close = (error: NodeJS.ErrnoException): void => {
    isOpen = false
    // A reader that went away must end neither a seed nor a fetch; the exit code still tells how it went.
    if (error.code !== 'EPIPE') fault ??= error
  }
  stream.on('error', close)
  return {
    write(text) {
      if (!isOpen) return
      isFile ??= leadsToFile(stream)
      if (!isFile) {
        stream.write(text)
        return
      }
      try {
        writeAll(stream.fd, text)
      } catch (error) {
        close(error as NodeJS.ErrnoException)
      }
    },
    get fault() {
      return fault
    },
    get isTerminal() {
      return stream.isTTY === true
    },
    get columns() {
      return stream.columns ?? 80
    },
  }
}

/** True for a file and for a device such as /dev/full, to which Node writes at once, too. */
function leadsToFile(stream: StandardStream): boolean {
  if (stream.isTTY === true) return false
  try {
    const stats = fstatSync(stream.fd)
    return stats.isFile() || stats.isCharacterDevice()
  } catch {
    return false
  }
}

/** A disk that is nearly full takes a part of it, which Node's own stream does not notice. */
function writeAll(fd: number, text: string): void {
  let rest = Buffer.from(text)
  while (rest.length > 0) rest = rest.subarray(writeSync(fd, rest))
}

function homeFolder(): string | undefined {
  try {
    return homedir()
  } catch {
    return undefined
  }
}

function onSignal(listener: (signal: StopSignal) => void): () => void {
  const signals: readonly StopSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, listener)
  return () => {
    for (const signal of signals) {
      // Whoever lets go is about to leave with an exit code, which a signal that comes meanwhile would take away.
      process.on(signal, ignore)
      process.off(signal, listener)
    }
  }
}

function ignore(): void {}
