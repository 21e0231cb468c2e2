import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { DistroError } from '../src/base/errors.ts'
import { MiB } from '../src/base/units.ts'
import { requireVersion } from './clients/all.ts'
import { DELTA_CASES, type DeltaCase } from './delta/cases.ts'
import { casyncDelta } from './delta/casync-delta.ts'
import type { DeltaJob, DeltaTool } from './delta/delta-tool.ts'
import { distroDelta } from './delta/distro-delta.ts'
import { rsyncDelta } from './delta/rsync-delta.ts'
import { zsyncDelta } from './delta/zsync-delta.ts'
import { describeWith, holdContest, type Measured } from './harness/contest.ts'
import { within } from './harness/deadline.ts'
import { freePort, LOOPBACK } from './harness/free-port.ts'
import { gaveUp } from './harness/gave-up.ts'
import { MeasuredProcess } from './harness/measured-process.ts'
import type { Options } from './harness/options.ts'
import { type OwnLoopback, openLoopback } from './harness/own-loopback.ts'
import type { Place } from './harness/place.ts'
import { isSameTree } from './harness/same-tree.ts'
import { formatSize } from './harness/sizes.ts'
import { cpuPerGiB, rssMiB } from './harness/usage-metrics.ts'
import { makeWorkDirectory, type WorkDirectory } from './harness/work-directory.ts'
import type { Outcome } from './report/outcome.ts'
import { roundTo } from './report/spread.ts'

const READY_SECONDS = 120

/** How much slower than this nobody may be before it is given up. */
const SLOWEST_BYTES_PER_SECOND: number = 4 * MiB

/** The two versions, what is fetched, and what a server keeps of the new one. */
const COPIES = 4

interface Versions {
  readonly work: WorkDirectory
  readonly kind: DeltaCase['kind']
  readonly old: string
  readonly next: string
  /** Of the new version. */
  readonly sizeBytes: number
}

/** What moves over the network when a host has the version before, by distro and by what else was made for it. */
export async function delta(options: Options, place: Place): Promise<Outcome> {
  const chosen = caseOf(options.preset)
  const sizeBytes = options.sizeBytes ?? chosen.defaultBytes
  const tools = toolsFor(chosen, options)
  const versions = Object.fromEntries([...tools.values()].map(({ name, program }) => [name, requireVersion(program, options.distro)]))
  const work = makeWorkDirectory(options.directory, COPIES * sizeBytes + 64 * MiB)
  const [old, next] = ['old', 'new'].map((version) => path.join(work.folder(version), 'release')) as [string, string]
  const newBytes = chosen.make(old, next, sizeBytes)
  const contentBytes = bytesOf(next)
  const network = await openLoopback(place, path.join(work.path, 'network.log'))
  try {
    const content = { work, kind: chosen.kind, old, next, sizeBytes: contentBytes }
    const runs = await holdContest(options, {
      contestants: tools,
      usualRounds: 3,
      warmsUp: options.warmUp,
      measure: (tool, _, round) => update(tool, content, network, place, round),
      describe: describeWith('DAMAGED'),
    })
    const settings = { size: formatSize(sizeBytes), newPercent: roundTo(3, (100 * newBytes) / contentBytes) }
    return { name: `delta-${chosen.name}-${formatSize(sizeBytes)}`, benchmark: 'delta', settings, versions, runs }
  } finally {
    await network.remove()
    for (const folder of ['old', 'new']) work.drop(folder)
  }
}

function caseOf(name: string | undefined): DeltaCase {
  const chosen = DELTA_CASES.find((one) => one.name === name)
  if (chosen) return chosen
  throw new DistroError('USAGE', `there is no case "${name}" of delta`, { hint: `known: ${DELTA_CASES.map((one) => one.name).join(', ')}` })
}

function toolsFor({ kind }: DeltaCase, { distro, clients }: Options): Map<string, DeltaTool> {
  const known = [distroDelta(distro, '--reuse'), distroDelta(distro, '--overwrite'), zsyncDelta, casyncDelta, rsyncDelta]
  const tools = new Map(known.filter(({ takes }) => takes.includes(kind)).map((tool) => [tool.name, tool]))
  if (clients === undefined) return tools
  for (const name of clients) {
    if (!known.some((tool) => tool.name === name))
      throw new DistroError('USAGE', `there is no tool "${name}" for delta`, {
        hint: `known: ${known.map((tool) => tool.name).join(', ')}`,
      })
  }
  return new Map([...tools].filter(([name]) => clients.includes(name)))
}

/** Brings a host that has the version before up to date, and compares what it has then. */
async function update(
  tool: DeltaTool,
  { work, kind, old, next, sizeBytes }: Versions,
  network: OwnLoopback,
  place: Place,
  round: number,
): Promise<Measured> {
  const label = `${tool.name}-${round}`
  const logPath = path.join(work.path, `${label}.log`)
  const folders = { directory: label, serverDirectory: `${label}-server`, fetcherDirectory: `${label}-fetcher` }
  const [directory, serverDirectory, fetcherDirectory] = Object.values(folders).map((name) => work.folder(name)) as [string, string, string]
  const job: DeltaJob = { kind, old, next, directory, serverDirectory, fetcherDirectory, address: LOOPBACK, port: await freePort() }
  const processes: MeasuredProcess[] = []
  const start = (command: ReturnType<DeltaTool['serve']>): MeasuredProcess => {
    const started = new MeasuredProcess(place, command, { logPath, within: network.enter })
    processes.push(started)
    return started
  }
  try {
    tool.prepare(job)
    spawnSync('sync')
    const server = start(tool.serve(job))
    const gone = server.ended.then((usage) => Promise.reject(gaveUp(`the server of ${tool.name}`, usage, logPath)))
    const limitSeconds = READY_SECONDS + sizeBytes / SLOWEST_BYTES_PER_SECOND
    const source = await within(limitSeconds, `the server of ${tool.name}`, Promise.race([tool.ready(server, job), gone]))
    const before = network.bytes()
    const fetcher = start(tool.fetch(job, source))
    const usage = await within(limitSeconds, `${tool.name} to finish`, fetcher.ended)
    const movedBytes = network.bytes() - before
    if (usage.exitCode !== 0) throw gaveUp(`the fetcher of ${tool.name}`, usage, logPath)
    return {
      intact: isSameTree(next, path.join(directory, path.basename(next))),
      metrics: {
        wirePercent: roundTo(3, (100 * movedBytes) / sizeBytes),
        ...(await tool.report?.(fetcher)),
        wireMiB: roundTo(2, movedBytes / MiB),
        wallSeconds: roundTo(3, usage.wallSeconds),
        cpuSeconds: roundTo(3, usage.cpuSeconds),
        cpuPerGiB: cpuPerGiB(sizeBytes, usage.cpuSeconds),
        rssMiB: rssMiB(usage),
      },
    }
  } finally {
    await Promise.allSettled(processes.map((one) => one.kill()))
    for (const folder of Object.values(folders)) work.drop(folder)
  }
}

/** What a file has, or all files in a folder have. */
function bytesOf(place: string): number {
  const stat = statSync(place)
  return stat.isDirectory() ? readdirSync(place).reduce((sum, name) => sum + bytesOf(path.join(place, name)), 0) : stat.size
}
