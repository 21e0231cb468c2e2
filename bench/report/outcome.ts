/** One measured run of one contestant; a failed run has a reason and no metrics. */
export interface Run {
  readonly client: string
  readonly round: number
  /** The machine's load before the run. */
  readonly load: number
  readonly intact: boolean
  readonly metrics: Readonly<Record<string, number>>
  /** Seconds after the start at which each host was done, for a swarm. */
  readonly doneSeconds?: readonly number[]
  readonly failure?: string
}

/** What a benchmark brings home. */
export interface Outcome {
  /** The name of its results file. */
  readonly name: string
  readonly benchmark: string
  readonly settings: Readonly<Record<string, string | number>>
  readonly versions: Readonly<Record<string, string>>
  readonly runs: readonly Run[]
}
