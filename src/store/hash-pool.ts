import { availableParallelism } from 'node:os'
import { SHARE_ENV, Worker } from 'node:worker_threads'
import type { Clock } from '../base/clock.ts'
import { DistroError } from '../base/errors.ts'
import { openFileLimit } from '../base/open-file-limit.ts'
import type { FileJob, FileReplies, FileReply } from './file-jobs.ts'
import type { DigestJob, DigestReply, FileDigestJob, HashJob, HashReply, ScanJob, ScanReply, StoreJob, StoreReply } from './hash-jobs.ts'
import { hashWorkerUrl } from './hash-worker-url.ts'

/** The workers died; there is no result. */
export interface LostReply {
  readonly kind: 'lost'
  readonly error: DistroError
}

export interface HashPoolOptions {
  readonly clock: Clock
  /** Workers at most. */
  readonly workers: number
  /** The memory that store jobs refer to; it must be shared. */
  readonly memory?: Uint8Array
  /** The worker program, for tests. */
  readonly workerUrl?: URL
}

/** Workers for a transfer: one core is left to the sockets, and more than four only wait for the disk. */
export function transferWorkers(cores: number = availableParallelism()): number {
  return Math.min(Math.max(1, cores - 1), 4)
}

/** Workers for creating and verifying, where nothing else runs: every core. */
export function bulkWorkers(cores: number = availableParallelism()): number {
  return Math.max(1, cores)
}

/** Workers for making many files durable: they mostly wait for the disk, which does at once what several of them ask for. */
export const SYNC_WORKERS = 4

/** A worker that dies within this time of another is not replaced. */
const REPLACE_AFTER_MS = 60_000
/**
 * A worker has one message to work on and the next one waiting; what comes meanwhile goes together in one. A message and its answer cost
 * some 70 microseconds of processor time: 0.3 s in a transfer of 1 GiB in pieces of 256 KiB, if each of them had its own.
 */
const MESSAGES_UNDER_WAY = 2
const JOBS_A_MESSAGE = 16

/**
 * Worker threads that hash and write, started when there is work for them. A worker that dies is replaced and its jobs are done
 * again; a second death within a minute breaks the pool, and every job is answered as lost. Keeps the process alive only while
 * jobs are under way.
 */
export class HashPool {
  readonly size: number
  readonly #options: HashPoolOptions
  readonly #seats: Seat[] = []
  #lastDeathMs = Number.NEGATIVE_INFINITY
  #broken: DistroError | undefined
  #closing: Promise<void> | undefined
  #whenIdle: (() => void) | undefined

  constructor(options: HashPoolOptions) {
    this.#options = options
    this.size = options.workers
  }

  /** Jobs that were given and not answered. */
  get pendingCount(): number {
    return this.#seats.reduce((sum, seat) => sum + seat.jobs.length, 0)
  }

  /** Starts the first worker now, because work for it is about to come: starting takes as long as tens of MiB from a near peer. */
  warm(): void {
    if (this.#seats.length > 0 || this.#broken !== undefined || this.#closing !== undefined) return
    const seat = this.#newSeat()
    seat.worker = this.#startWorker(seat)
    seat.worker.unref()
  }

  /** Hashes and writes a piece; see `StoreJob`. `done` is called exactly once and never before `store` returns. */
  store(job: StoreJob, done: (reply: StoreReply | LostReply) => void): void {
    this.#run(job, done as Answer)
  }

  /** Hashes pieces on disk; see `DigestJob` and `FileDigestJob`. `done` is called exactly once and never before `digest` returns. */
  digest(job: DigestJob | FileDigestJob, done: (reply: DigestReply | LostReply) => void): void {
    this.#run(job, done as Answer)
  }

  /** Looks for blocks in a file; see `ScanJob`. `done` is called exactly once and never before `scan` returns. */
  scan(job: ScanJob, done: (reply: ScanReply | LostReply) => void): void {
    this.#run(job, done as Answer)
  }

  /** Works on many files; see `FileJob`. Rejects with INTERNAL if the workers die, and DISK_FAILED if none can be started. */
  perform<Kind extends FileJob['kind']>(job: Extract<FileJob, { readonly kind: Kind }>): Promise<FileReplies[Kind]>
  perform(job: FileJob): Promise<FileReply> {
    return new Promise((resolve, reject) => {
      this.#run(job, (reply) => (reply.kind === 'lost' ? reject(reply.error) : resolve(reply as FileReply)))
    })
  }

  /** Waits for the jobs under way, then ends the workers. Jobs given afterwards are answered as lost. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(): Promise<void> {
    if (this.pendingCount > 0) await new Promise<void>((resolve) => (this.#whenIdle = resolve))
    await Promise.all(this.#seats.map((seat) => seat.worker?.terminate()))
  }

  #run(job: HashJob, done: Answer): void {
    if (this.#broken !== undefined || this.#closing !== undefined) {
      const error = this.#broken ?? new DistroError('INTERNAL', 'A piece was given to hash workers that had been closed.')
      queueMicrotask(() => done({ kind: 'lost', error }))
      return
    }
    const seat = this.#chooseSeat()
    seat.jobs.push({ job, done })
    if (seat.worker === undefined) seat.worker = this.#startWorker(seat)
    else if (seat.jobs.length === 1) seat.worker.ref()
    send(seat)
  }

  /** The seat with the least to do; an idle one before a new one before a busy one. */
  #chooseSeat(): Seat {
    let best: Seat | undefined
    for (const seat of this.#seats) if (best === undefined || seat.jobs.length < best.jobs.length) best = seat
    if (best !== undefined && (best.jobs.length === 0 || this.#seats.length >= this.size)) return best
    return this.#newSeat()
  }

  #newSeat(): Seat {
    const seat: Seat = { worker: undefined, jobs: [], sent: 0, messages: 0 }
    this.#seats.push(seat)
    return seat
  }

  #startWorker(seat: Seat): Worker {
    const worker = new Worker(this.#options.workerUrl ?? hashWorkerUrl, {
      workerData: this.#options.memory,
      name: 'distro-hash',
      env: SHARE_ENV,
      execArgv: [],
      // A worker holds one job and one read buffer, and would else set aside as much as the main thread. The old generation only
      // grows for the job of a piece that is made of 200,000 files, which takes under 100 MiB.
      resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 256, stackSizeMb: 1 },
    })
    let cause: unknown
    worker.on('message', (replies: readonly HashReply[]) => this.#answer(seat, replies))
    worker.on('error', (error) => (cause = error))
    worker.on('exit', (code) => this.#mourn(seat, cause ?? `exit code ${code}`))
    return worker
  }

  /** A worker answers in the order in which it was asked, so the oldest jobs are the ones that are done. */
  #answer(seat: Seat, replies: readonly HashReply[]): void {
    seat.messages--
    send(seat)
    for (const reply of replies) {
      const oldest = seat.jobs.shift()
      // The pool broke meanwhile, and they were answered as lost.
      if (oldest === undefined) return
      seat.sent--
      if (seat.jobs.length === 0) seat.worker?.unref()
      oldest.done(reply)
    }
    this.#noticeIdle()
  }

  #mourn(seat: Seat, cause: unknown): void {
    seat.worker = undefined
    seat.sent = 0
    seat.messages = 0
    if (this.#closing !== undefined && seat.jobs.length === 0) return
    const nowMs = this.#options.clock.nowMs()
    if (nowMs - this.#lastDeathMs < REPLACE_AFTER_MS) this.#break(cause)
    this.#lastDeathMs = nowMs
    if (this.#broken !== undefined || seat.jobs.length === 0) return
    seat.worker = this.#startWorker(seat)
    send(seat)
  }

  #break(cause: unknown): void {
    this.#broken ??= failureBy(cause)
    const error = this.#broken
    const lost = this.#seats.flatMap((seat) => seat.jobs.splice(0))
    for (const seat of this.#seats) {
      seat.sent = 0
      seat.worker?.unref()
    }
    for (const { done } of lost) done({ kind: 'lost', error })
    this.#noticeIdle()
  }

  #noticeIdle(): void {
    if (this.pendingCount === 0) this.#whenIdle?.()
  }
}

/** A worker that may not open its own program is no bug. */
function failureBy(cause: unknown): DistroError {
  const limit = openFileLimit(cause)
  if (limit !== undefined) {
    return new DistroError('DISK_FAILED', `Cannot start a thread for hashing: ${limit.reason}.`, { hint: limit.hint, cause })
  }
  return new DistroError('INTERNAL', 'A hash worker died twice within a minute.', {
    hint: 'Run the same command again: what was verified is kept; if it happens again, please report it.',
    cause,
  })
}

type Answer = (reply: HashReply | LostReply) => void

/** The place of one worker; what it was asked stays here until it is answered, and outlives the worker. */
interface Seat {
  worker: Worker | undefined
  /** The oldest first. */
  readonly jobs: { readonly job: HashJob; readonly done: Answer }[]
  /** How many of the jobs the worker has. */
  sent: number
  /** In how many messages that it has not answered. */
  messages: number
}

/** Gives the worker of `seat` what it has not got yet, as far as it may have more. */
function send(seat: Seat): void {
  while (seat.messages < MESSAGES_UNDER_WAY && seat.sent < seat.jobs.length) {
    const jobs = seat.jobs.slice(seat.sent, seat.sent + JOBS_A_MESSAGE).map(({ job }) => job)
    seat.worker?.postMessage(jobs)
    seat.sent += jobs.length
    seat.messages++
  }
}
