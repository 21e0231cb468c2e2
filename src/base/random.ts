/** Chance as the engine sees it, so that a simulation can repeat a run from its seed. */
export interface Random {
  /** A whole number from 0 up to, not including, `limit`. */
  below(limit: number): number
  /** `length` random bytes. */
  bytes(length: number): Uint8Array
}

/** Puts the elements of `items` in a random order, in place (Fisher and Yates). */
export function shuffle<T extends { length: number; [index: number]: number } | unknown[]>(items: T, random: Random): T {
  for (let last = items.length - 1; last > 0; last--) {
    const other = random.below(last + 1)
    const kept = items[last] as never
    items[last] = items[other] as never
    items[other] = kept
  }
  return items
}
