import { existsSync, statSync } from 'node:fs'
import { cpus } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { DistroError } from '../src/base/errors.ts'
import { GiB, MiB } from '../src/base/units.ts'
import { chooseClients, requireVersion } from './clients/all.ts'
import type { Client, Job } from './clients/client.ts'
import { type Content, prepareContent } from './harness/content.ts'
import { describeWith, holdContest, type Measured } from './harness/contest.ts'
import { within } from './harness/deadline.ts'
import { buildHosts, type Hosts } from './harness/hosts.ts'
import { busySeconds } from './harness/machine.ts'
import { type Command, MeasuredProcess, tail } from './harness/measured-process.ts'
import { listening, mirrorCommand } from './harness/mirror.ts'
import type { Options } from './harness/options.ts'
import type { Place } from './harness/place.ts'
import { isSameFile } from './harness/same-file.ts'
import { formatSize } from './harness/sizes.ts'
import { TRACKER_WORD } from './harness/tracker.ts'
import type { Outcome } from './report/outcome.ts'
import { roundTo } from './report/spread.ts'

/** The sizes of swarm whose results are published. */
const PRESETS: Readonly<Record<string, SwarmSize>> = {
  '8x100': { hosts: 8, mbit: 100, sizeBytes: 256 * MiB },
  '16x50': { hosts: 16, mbit: 50, sizeBytes: 128 * MiB },
}

/** As many hosts as a mirror is promised to serve, on links so slow that two cores suffice for all of them. */
const MIRROR_SIZE: SwarmSize = { hosts: 50, mbit: 5, sizeBytes: 256 * MiB }

/** Their names, as `--preset` takes them. */
export const SWARM_PRESETS: readonly string[] = Object.keys(PRESETS)

const PORT = 6881
const MIRROR_PORT = 8080
const TRACKER_PORT = 6969
const SEED_READY_SECONDS = 60
const POLL_MS = 50

/** A swarm that takes this many times the bound is given up. */
const PATIENCE = 5

/** The host that has the content at first. */
interface Origin {
  readonly what: string
  readonly copiesMetric: string
  command(job: Job): Command
  ready(origin: MeasuredProcess, tracker: MeasuredProcess): Promise<void>
  /** Its web address, if it has one. */
  urlOn?(address: string, fileName: string): string
}

interface SwarmSize {
  readonly hosts: number
  readonly mbit: number
  readonly sizeBytes: number
}

/** One seed to many leeches that start together, each host behind a shaped link; needs root. */
export function swarm(options: Options, place: Place): Promise<Outcome> {
  const preset = PRESETS[options.preset ?? '8x100']
  if (!preset) throw new DistroError('USAGE', `there is no preset "${options.preset}"`, { hint: `known: ${SWARM_PRESETS.join(', ')}` })
  return measure('swarm', preset, options.clients ?? ['distro', 'libtorrent', 'aria2'], options, place)
}

/** The same with a web server on a link like theirs in place of the seed. */
export function mirrorSwarm(options: Options, place: Place): Promise<Outcome> {
  return measure('mirror-swarm', MIRROR_SIZE, options.clients ?? ['distro'], options, place)
}

async function measure(
  benchmark: 'swarm' | 'mirror-swarm',
  preset: SwarmSize,
  names: readonly string[],
  options: Options,
  place: Place,
): Promise<Outcome> {
  const size = { hosts: options.hosts ?? preset.hosts, mbit: options.mbit ?? preset.mbit, sizeBytes: options.sizeBytes ?? preset.sizeBytes }
  const field = chooseClients(names, place, options.distro)
  const { clients } = field
  const versions = benchmark === 'swarm' ? field.versions : { nginx: requireVersion('nginx', options.distro), ...field.versions }
  const hosts = buildHosts(size.hosts + 1, size.mbit)
  try {
    const address = hosts.addressOf(hosts.trackerHost)
    const content = prepareContent(options, size.sizeBytes, size.hosts, `http://${address}:${TRACKER_PORT}/announce`)
    const runs = await holdContest(options, {
      contestants: clients,
      usualRounds: 3,
      warmsUp: false,
      measure: (client, _, round) => {
        const origin = benchmark === 'swarm' ? seedOrigin(client) : mirrorOrigin()
        return distribute(client, origin, size, content, hosts, place, round)
      },
      describe: describeWith('NOT ALL INTACT'),
    })
    const settings = {
      hosts: size.hosts,
      mbit: size.mbit,
      size: formatSize(size.sizeBytes),
      pieceLength: formatSize(content.pieceLength),
      boundSeconds: roundTo(2, boundSeconds(size)),
    }
    return { name: `${benchmark}-${size.hosts}x${size.mbit}`, benchmark, settings, versions, runs }
  } finally {
    hosts.remove()
  }
}

/** No protocol can be faster (Kumar and Ross 2006); with equal links it is the time one copy takes. */
function boundSeconds({ hosts, mbit, sizeBytes }: SwarmSize): number {
  const bytesPerSecond = (mbit * 1e6) / 8
  return Math.max(sizeBytes / bytesPerSecond, (hosts * sizeBytes) / (bytesPerSecond * (hosts + 1)))
}

async function distribute(
  client: Client,
  origin: Origin,
  size: SwarmSize,
  content: Content,
  hosts: Hosts,
  place: Place,
  round: number,
): Promise<Measured> {
  const label = `${client.name}-${round}`
  const folder = content.work.folder(label)
  const log = path.join(content.work.path, `${label}.log`)
  const processes: MeasuredProcess[] = []
  const launch = (host: number, command: Command, wait = false): MeasuredProcess => {
    const launched = new MeasuredProcess(place, command, { logPath: log, within: hosts.enter(host), wait })
    processes.push(launched)
    return launched
  }
  try {
    const tracker = launch(hosts.trackerHost, {
      words: [process.execPath, place.bundle, TRACKER_WORD, hosts.addressOf(hosts.trackerHost), String(TRACKER_PORT)],
    })
    await within(SEED_READY_SECONDS, 'the tracker', tracker.line('listening'))
    const seed = launch(0, origin.command(jobOn(0, content, hosts, label, content.directory)))
    const failed = seed.ended.then(() => Promise.reject(new DistroError('INTERNAL', `${origin.what} ended`, { hint: tail(log) })))
    await within(SEED_READY_SECONDS, `${origin.what} to be ready`, Promise.race([origin.ready(seed, tracker), failed]))
    await pause(1000)
    const numbers = Array.from({ length: size.hosts }, (_, index) => index + 1)
    const mirrorUrl = origin.urlOn?.(hosts.addressOf(0), content.fileName)
    const jobs = numbers.map((host) => ({
      ...jobOn(host, content, hosts, label, content.work.folder(`${label}/host-${host}`)),
      ...(mirrorUrl !== undefined && { mirrorUrl }),
    }))
    const leeches = jobs.map((job, index) => launch(index + 1, client.fetch(job), true))
    await Promise.all(leeches.map((leech) => leech.waiting))
    const idleCpu = await seed.cpuSecondsSoFar()
    const sentBefore = hosts.sentBytes(0)
    const busyBefore = busySeconds()
    for (const leech of leeches) leech.go()
    const started = await Promise.all(leeches.map((leech) => leech.started))
    const begin = Math.min(...started.map((one) => one.unix))
    await allDone(jobs, begin + PATIENCE * boundSeconds(size) + 30, leeches, log)
    const sent = hosts.sentBytes(0) - sentBefore
    const busy = busySeconds() - busyBefore
    const lasted = Date.now() / 1000 - begin
    const servingCpu = (await seed.cpuSecondsSoFar()) - idleCpu
    const seedUsage = await seed.kill()
    const usages = await Promise.all(leeches.map((leech) => leech.kill()))
    const doneSeconds = jobs.map((job) => roundTo(3, statSync(job.doneFile ?? '').mtimeMs / 1000 - begin)).sort((a, b) => a - b)
    const last = doneSeconds.at(-1) ?? Number.NaN
    const moved = (size.hosts * size.sizeBytes) / GiB
    const copies = jobs.filter((job) =>
      isSameFile(path.join(content.directory, content.fileName), path.join(job.directory, content.fileName)),
    )
    return {
      intact: copies.length === size.hosts,
      doneSeconds,
      metrics: {
        lastOverBound: roundTo(3, last / boundSeconds(size)),
        firstOverBound: roundTo(3, (doneSeconds[0] ?? Number.NaN) / boundSeconds(size)),
        lastSeconds: last,
        [origin.copiesMetric]: roundTo(3, sent / size.sizeBytes),
        busyShare: roundTo(3, busy / lasted / cpus().length),
        leechCpuPerGiB: roundTo(3, usages.reduce((sum, usage) => sum + usage.cpuSeconds, 0) / moved),
        seedServingCpuPerGiB: roundTo(3, servingCpu / moved),
        seedCpuPerGiBSent: roundTo(3, servingCpu / (sent / GiB)),
        leechRssMiB: roundTo(0, Math.max(...usages.map((usage) => usage.peakRssKiB)) / 1024),
        seedRssMiB: roundTo(0, seedUsage.peakRssKiB / 1024),
      },
    }
  } finally {
    await Promise.allSettled(processes.map((one) => one.kill()))
    content.work.drop(path.basename(folder))
  }
}

function seedOrigin(client: Client): Origin {
  return {
    what: `${client.name}'s seed`,
    copiesMetric: 'seedCopies',
    command: (job) => client.seed(job),
    ready: async (_seed, tracker) => void (await tracker.line('seed')),
  }
}

function mirrorOrigin(): Origin {
  return {
    what: 'the mirror',
    copiesMetric: 'mirrorCopies',
    command: (job) => mirrorCommand({ ...job, root: job.directory, port: MIRROR_PORT }),
    ready: (mirror) => listening(mirror, MIRROR_PORT),
    urlOn: (address, fileName) => `http://${address}:${MIRROR_PORT}/${fileName}`,
  }
}

function jobOn(host: number, content: Content, hosts: Hosts, label: string, directory: string): Job {
  return {
    ...content.torrents,
    directory,
    fileName: content.fileName,
    address: hosts.addressOf(host),
    port: PORT,
    stateDirectory: content.work.folder(`${label}/state-${host}`),
    ...(host > 0 && { doneFile: path.join(content.work.path, label, `done-${host}`) }),
  }
}

async function allDone(jobs: readonly Job[], deadline: number, leeches: readonly MeasuredProcess[], log: string): Promise<void> {
  let ended = 0
  for (const leech of leeches) leech.ended.then(() => ended++).catch(() => {})
  for (;;) {
    const missing = jobs.filter((job) => !existsSync(job.doneFile ?? '')).length
    if (missing === 0) return
    if (ended > 0) throw new DistroError('INTERNAL', `${ended} leeches ended before all were done`, { hint: tail(log) })
    if (Date.now() / 1000 > deadline) throw new DistroError('INCOMPLETE', `${missing} of ${jobs.length} hosts were not done in time`)
    await pause(POLL_MS)
  }
}
