/**
 * The same candidates with those of other zones behind those that are near, but for one of them, which is among the first `count`:
 * so a zone is served before others when places are scarce, and never cuts others off. `isAwayServed` says that some other has a place
 * already. Keeps the order among the near and among the others.
 */
export function nearFirst<Candidate>(
  ranked: readonly Candidate[],
  count: number,
  isAway: (candidate: Candidate) => boolean,
  isAwayServed = false,
): readonly Candidate[] {
  const away = ranked.filter(isAway)
  if (away.length === 0 || away.length === ranked.length) return ranked
  const near = ranked.filter((candidate) => !isAway(candidate))
  const before = isAwayServed ? near.length : Math.max(0, count - 1)
  return [...near.slice(0, before), ...away.slice(0, 1), ...near.slice(before), ...away.slice(1)]
}
