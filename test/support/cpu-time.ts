/** Milliseconds of processor time that `work` takes: what other programs take from it meanwhile does not count. */
export function cpuTimeMs(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}
