import type { Command, MeasuredProcess } from '../harness/measured-process.ts'
import type { DeltaCase } from './cases.ts'

/** What one tool is asked to do once. */
export interface DeltaJob {
  readonly kind: DeltaCase['kind']
  /** The version that the fetcher has. */
  readonly old: string
  /** The version that it is to get; the same last part of the path as the old one's. */
  readonly next: string
  /** An empty folder in which it is to be, under that name. */
  readonly directory: string
  /** Where to listen. */
  readonly address: string
  readonly port: number
  /** Empty folders for whatever the serving and the fetching side want to write. */
  readonly serverDirectory: string
  readonly fetcherDirectory: string
}

/** A tool that brings a file or a folder to a host which has an earlier version of it. */
export interface DeltaTool {
  readonly name: string
  /** The program whose version it has. */
  readonly program: string
  readonly takes: readonly DeltaCase['kind'][]
  /** What is done before anything is measured: what the server publishes, and what the fetcher finds. */
  prepare(job: DeltaJob): void
  serve(job: DeltaJob): Command
  /** Resolves when the server serves, with whatever the fetcher has to know of it. */
  ready(server: MeasuredProcess, job: DeltaJob): Promise<string>
  fetch(job: DeltaJob, source: string): Command
  /** What the fetcher says itself of what it did. */
  report?(fetcher: MeasuredProcess): Promise<Readonly<Record<string, number>>>
}
