/** Where the benchmark itself lives. */
export interface Place {
  /** The repository's root folder. */
  readonly root: string
  /** The running bundle, to be started again as a tracker of its own. */
  readonly bundle: string
}
