/** How long a server may take, in milliseconds. */
export interface WebSeedTimeOuts {
  /** Until a connection stands, its name looked up and TLS agreed on. */
  readonly connectMs: number
  /** From the request to the whole header of the answer. */
  readonly answerMs: number
  /** Between two times that some of the body comes: `LEAST_PROGRESS_BYTES`, so that a dribble counts as silence. */
  readonly silenceMs: number
}

export const WEB_SEED_TIME_OUTS: WebSeedTimeOuts = { connectMs: 10_000, answerMs: 30_000, silenceMs: 30_000 }

/** Less than this is as good as nothing. */
export const LEAST_PROGRESS_BYTES = 4_096
