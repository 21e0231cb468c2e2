import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { DistroError } from '../src/base/errors.ts'
import { GiB, MiB } from '../src/base/units.ts'
import { chooseClients } from './clients/all.ts'
import type { Client, Job } from './clients/client.ts'
import { type Content, prepareContent } from './harness/content.ts'
import { within } from './harness/deadline.ts'
import { firstConnection } from './harness/first-connection.ts'
import { freePort } from './harness/free-port.ts'
import { MeasuredProcess, tail, type Usage } from './harness/measured-process.ts'
import type { Options } from './harness/options.ts'
import type { Place } from './harness/place.ts'
import { interleave, loadNow } from './harness/rounds.ts'
import { isSameFile } from './harness/same-file.ts'
import { formatSize } from './harness/sizes.ts'
import { startTracker, type Tracker } from './harness/tracker.ts'
import type { Outcome, Run } from './report/outcome.ts'
import { roundTo } from './report/spread.ts'

/** Where both sides are. */
export const LOOPBACK = '127.0.0.1'
const SEED_READY_SECONDS = 120

/** How much slower than this a transfer may not be before it is given up. */
const SLOWEST_BYTES_PER_SECOND: number = 16 * MiB

/** Up to this size a round that does not count runs first, because memory that is touched first costs extra. */
export const WARM_UP_LIMIT_BYTES: number = 4 * GiB

/** One seed process to one leech process over loopback, each client against its own kind. */
export async function oneToOne(options: Options, place: Place): Promise<Outcome> {
  const sizeBytes = options.sizeBytes ?? GiB
  const names = options.clients ?? ['distro', 'libtorrent', 'libtorrent-tuned', 'aria2']
  const { clients, versions } = chooseClients(names, place, options.distro)
  const tracker = await startTracker(LOOPBACK, 0)
  try {
    const content = prepareContent(options, sizeBytes, 1, tracker.announceUrl)
    const contest = async (name: string, round: number): Promise<Run> => {
      const client = clients.get(name)
      if (!client) throw new DistroError('INTERNAL', `${name} was not chosen`)
      const run = { client: name, round, load: loadNow(), ...(await transfer(client, content, tracker, place, round)) }
      options.say(describe(run))
      return run
    }
    if (options.warmUp && sizeBytes <= WARM_UP_LIMIT_BYTES) await interleave(0, 0, names, contest)
    const runs = await interleave(1, options.rounds ?? 5, names, contest)
    const settings = {
      size: formatSize(sizeBytes),
      pieceLength: formatSize(content.pieceLength),
      content: content.kind,
      fileSystem: content.fileSystem,
    }
    return { name: `one-to-one-${formatSize(sizeBytes)}`, benchmark: 'one-to-one', settings, versions, runs }
  } finally {
    tracker.close()
  }
}

/** Moves the content from a seed of `client` to a leech of it, and compares the copy. */
export async function transfer(
  client: Client,
  content: Content,
  tracker: Tracker,
  place: Place,
  round: number,
): Promise<Pick<Run, 'metrics' | 'intact' | 'failure'>> {
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
    const failed = seed.ended.then((usage) => Promise.reject(gaveUp(client.name, 'seed', usage, log)))
    await within(
      SEED_READY_SECONDS + content.sizeBytes / SLOWEST_BYTES_PER_SECOND,
      `${client.name}'s seed to be ready`,
      Promise.race([ready, failed]),
    )
    await pause(500)
    const idleCpu = await seed.cpuSecondsSoFar()
    const leech = new MeasuredProcess(place, client.fetch(leechJob), { logPath: log })
    processes.push(leech)
    const watch = new AbortController()
    const connected = firstConnection(seedPort, watch.signal)
    const limit = 60 + content.sizeBytes / SLOWEST_BYTES_PER_SECOND
    const usage = await within(limit, `${client.name}'s leech to finish`, leech.ended).finally(() => watch.abort())
    const servingCpu = (await seed.cpuSecondsSoFar()) - idleCpu
    if (usage.exitCode !== 0) throw gaveUp(client.name, 'leech', usage, log)
    const seedUsage = await seed.stop()
    const intact = isSameFile(path.join(content.directory, content.fileName), path.join(directory, content.fileName))
    return { intact, metrics: metricsOf(content.sizeBytes, usage, seedUsage, servingCpu, await connected) }
  } catch (error) {
    if (!(error instanceof DistroError)) throw error
    return { intact: false, metrics: {}, failure: `${error.message}. ${error.hint ?? ''}` }
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
  const gibibytes = sizeBytes / GiB
  return {
    throughputMiBps: roundTo(1, sizeBytes / MiB / leech.wallSeconds),
    wallSeconds: roundTo(3, leech.wallSeconds),
    ...(connected !== undefined && { sinceConnectSeconds: roundTo(3, leech.monotonic - connected) }),
    leechCpuPerGiB: roundTo(3, leech.cpuSeconds / gibibytes),
    seedServingCpuPerGiB: roundTo(3, servingCpu / gibibytes),
    seedTotalCpuPerGiB: roundTo(3, seed.cpuSeconds / gibibytes),
    leechRssMiB: roundTo(0, leech.peakRssKiB / 1024),
    leechAnonymousMiB: roundTo(0, leech.peakAnonymousKiB / 1024),
    seedRssMiB: roundTo(0, seed.peakRssKiB / 1024),
    seedAnonymousMiB: roundTo(0, seed.peakAnonymousKiB / 1024),
  }
}

function gaveUp(client: string, role: string, usage: Usage, log: string): DistroError {
  return new DistroError('INTERNAL', `${client}'s ${role} ended with code ${usage.exitCode}`, { hint: tail(log) })
}

/** A run in one line, for who watches. */
export function describe(run: Run): string {
  if (run.failure !== undefined) return `round ${run.round} ${run.client}: failed: ${run.failure}`
  const of = (metric: string): number => run.metrics[metric] ?? 0
  const cpu = `CPU-s/GiB leech ${of('leechCpuPerGiB')} seed ${of('seedServingCpuPerGiB')} (whole life ${of('seedTotalCpuPerGiB')})`
  const memory = `RSS MiB leech ${of('leechRssMiB')} seed ${of('seedRssMiB')}`
  return `round ${run.round} ${run.client}: ${of('throughputMiBps')} MiB/s, ${of('wallSeconds')} s (${of('sinceConnectSeconds')} s connected), ${cpu}, ${memory}${run.intact ? '' : ', DAMAGED'}`
}
