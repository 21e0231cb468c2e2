import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { GiB } from '../src/base/units.ts'
import { chooseClients } from './clients/all.ts'
import type { Client, Job } from './clients/client.ts'
import { type Content, contentSettings, prepareContent } from './harness/content.ts'
import { type Contest, holdContest, type Measured } from './harness/contest.ts'
import { patienceFor, within } from './harness/deadline.ts'
import { firstConnection } from './harness/first-connection.ts'
import { freePort, LOOPBACK } from './harness/free-port.ts'
import { gaveUp } from './harness/gave-up.ts'
import { MeasuredProcess, type Usage } from './harness/measured-process.ts'
import type { Options } from './harness/options.ts'
import type { Place } from './harness/place.ts'
import { isSameFile } from './harness/same-file.ts'
import { formatSize } from './harness/sizes.ts'
import { startTracker, type Tracker } from './harness/tracker.ts'
import { anonymousMiB, cpuPerGiB, paceOf, rssMiB } from './harness/usage-metrics.ts'
import type { Outcome, Run } from './report/outcome.ts'
import { roundTo } from './report/spread.ts'

const SEED_READY_SECONDS = 120

/** Up to this size a round that does not count runs first, because memory that is touched first costs extra. */
const WARM_UP_LIMIT_BYTES: number = 4 * GiB

/** One seed process to one leech process over loopback, each client against its own kind. */
export async function oneToOne(options: Options, place: Place): Promise<Outcome> {
  const sizeBytes = options.sizeBytes ?? GiB
  const names = options.clients ?? ['distro', 'libtorrent', 'libtorrent-tuned', 'aria2']
  const { clients, versions } = chooseClients(names, place, options.distro)
  const tracker = await startTracker(LOOPBACK, 0)
  try {
    const content = prepareContent(options, sizeBytes, 1, tracker.announceUrl)
    const runs = await holdTransfers(options, sizeBytes, clients, (client, _, round) => transfer(client, content, tracker, place, round))
    const settings = contentSettings(content)
    return { name: `one-to-one-${formatSize(sizeBytes)}`, benchmark: 'one-to-one', settings, versions, runs }
  } finally {
    tracker.close()
  }
}

/** Measures everybody's transfers of `sizeBytes` by turns. */
export function holdTransfers<Contestant>(
  options: Options,
  sizeBytes: number,
  contestants: ReadonlyMap<string, Contestant>,
  measure: Contest<Contestant>['measure'],
): Promise<readonly Run[]> {
  const warmsUp = options.warmUp && sizeBytes <= WARM_UP_LIMIT_BYTES
  return holdContest(options, { contestants, usualRounds: 5, warmsUp, measure, describe })
}

/** Moves the content from a seed of `client` to a leech of it, and compares the copy. */
export async function transfer(client: Client, content: Content, tracker: Tracker, place: Place, round: number): Promise<Measured> {
  const label = `${client.name}-${round}`
  const directory = content.work.folder(label)
  const log = path.join(content.work.path, `${label}.log`)
  const seedPort = await freePort()
  const shared = { ...content.torrents, fileName: content.fileName, address: LOOPBACK, seedAddress: `${LOOPBACK}:${seedPort}` }
  const seedJob: Job = {
    ...shared,
    directory: content.directory,
    port: seedPort,
    stateDirectory: content.work.folder(`${label}-seed-state`),
  }
  const leechJob: Job = { ...shared, directory, port: await freePort(), stateDirectory: content.work.folder(`${label}-leech-state`) }
  spawnSync('sync')
  const seed = new MeasuredProcess(place, client.seed(seedJob), { logPath: log })
  const processes = [seed]
  try {
    const ready = client.readiness === 'announce' ? tracker.seedOn(seedPort) : seed.line()
    const failed = seed.ended.then((usage) => Promise.reject(gaveUp(`${client.name}'s seed`, usage, log)))
    await within(SEED_READY_SECONDS + patienceFor(content.sizeBytes), `${client.name}'s seed to be ready`, Promise.race([ready, failed]))
    await pause(500)
    const idleCpu = await seed.cpuSecondsSoFar()
    const leech = new MeasuredProcess(place, client.fetch(leechJob), { logPath: log })
    processes.push(leech)
    const watch = new AbortController()
    const connected = firstConnection(seedPort, watch.signal)
    const limit = 60 + patienceFor(content.sizeBytes)
    const usage = await within(limit, `${client.name}'s leech to finish`, leech.ended).finally(() => watch.abort())
    const servingCpu = (await seed.cpuSecondsSoFar()) - idleCpu
    if (usage.exitCode !== 0) throw gaveUp(`${client.name}'s leech`, usage, log)
    const seedUsage = await seed.stop()
    const intact = isSameFile(path.join(content.directory, content.fileName), path.join(directory, content.fileName))
    return { intact, metrics: metricsOf(content.sizeBytes, usage, seedUsage, servingCpu, await connected) }
  } finally {
    await Promise.allSettled(processes.map((one) => one.kill()))
    for (const folder of [label, `${label}-seed-state`, `${label}-leech-state`]) content.work.drop(folder)
  }
}

function metricsOf(
  sizeBytes: number,
  leech: Usage,
  seed: Usage,
  servingCpu: number,
  connected: number | undefined,
): Record<string, number> {
  return {
    ...paceOf(sizeBytes, leech),
    ...(connected !== undefined && { sinceConnectSeconds: roundTo(3, leech.monotonic - connected) }),
    leechCpuPerGiB: cpuPerGiB(sizeBytes, leech.cpuSeconds),
    seedServingCpuPerGiB: cpuPerGiB(sizeBytes, servingCpu),
    seedTotalCpuPerGiB: cpuPerGiB(sizeBytes, seed.cpuSeconds),
    leechRssMiB: rssMiB(leech),
    leechAnonymousMiB: anonymousMiB(leech),
    seedRssMiB: rssMiB(seed),
    seedAnonymousMiB: anonymousMiB(seed),
  }
}

/** A run in one line, for who watches. */
function describe(run: Run): string {
  if (run.failure !== undefined) return `round ${run.round} ${run.client}: failed: ${run.failure}`
  const of = (metric: string): number => run.metrics[metric] ?? 0
  const cpu = `CPU-s/GiB leech ${of('leechCpuPerGiB')} seed ${of('seedServingCpuPerGiB')} (whole life ${of('seedTotalCpuPerGiB')})`
  const memory = `RSS MiB leech ${of('leechRssMiB')} seed ${of('seedRssMiB')}`
  return `round ${run.round} ${run.client}: ${of('throughputMiBps')} MiB/s, ${of('wallSeconds')} s (${of('sinceConnectSeconds')} s connected), ${cpu}, ${memory}${run.intact ? '' : ', DAMAGED'}`
}
