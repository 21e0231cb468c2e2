/**
 * A decoder of strangers' bytes, as the fuzzer sees it. Each floor lists its own in `test/<floor>/fuzz-targets.ts`,
 * and `all-targets.ts` joins the lists.
 */
export interface FuzzTarget {
  readonly name: string
  /** Sound inputs to mutate: the nearer to the format, the deeper the fuzzer gets. */
  readonly seeds: readonly Uint8Array[]
  /** Short pieces of the format to throw in, such as keywords and numbers at the edge. */
  readonly words?: readonly string[]
  /** Decodes one input. May throw a DistroError; any other exception, and any assertion of its own, is a finding. */
  decode(bytes: Uint8Array): void
}
