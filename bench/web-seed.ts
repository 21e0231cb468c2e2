import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { DistroError } from '../src/base/errors.ts'
import { GiB, MiB } from '../src/base/units.ts'
import { chooseClients, requireVersion } from './clients/all.ts'
import type { Client, Job } from './clients/client.ts'
import { curlClient } from './clients/curl.ts'
import { type Content, prepareContent } from './harness/content.ts'
import { within } from './harness/deadline.ts'
import { freePort } from './harness/free-port.ts'
import { MeasuredProcess, tail } from './harness/measured-process.ts'
import { listening, mirrorCommand } from './harness/mirror.ts'
import type { Options } from './harness/options.ts'
import type { Place } from './harness/place.ts'
import { interleave, loadNow } from './harness/rounds.ts'
import { isSameFile } from './harness/same-file.ts'
import { formatSize } from './harness/sizes.ts'
import type { Outcome, Run } from './report/outcome.ts'
import { roundTo } from './report/spread.ts'

const LOOPBACK = '127.0.0.1'
const MIRROR_READY_SECONDS = 20

/** How much slower than this a transfer may not be before it is given up. */
const SLOWEST_BYTES_PER_SECOND: number = 16 * MiB

type Downloader = Pick<Client, 'name' | 'fetch'>

interface Mirror {
  readonly process: MeasuredProcess
  readonly url: string
}

/** One fetch from one mirror over loopback with no peer at all, beside what fetches the same bytes without looking at them. */
export async function webSeed(options: Options, place: Place): Promise<Outcome> {
  const sizeBytes = options.sizeBytes ?? GiB
  const names = options.clients ?? ['distro', curlClient.name, 'aria2', 'libtorrent']
  const field = chooseClients(
    names.filter((name) => name !== curlClient.name),
    place,
    options.distro,
  )
  const downloaders = new Map<string, Downloader>([...field.clients, [curlClient.name, curlClient]])
  const versions = Object.fromEntries(['nginx', ...names].map((name) => [name, requireVersion(name, options.distro)]))
  const content = prepareContent(options, sizeBytes, 1)
  const mirror = await startMirror(place, content)
  try {
    const contest = async (name: string, round: number): Promise<Run> => {
      const downloader = downloaders.get(name)
      if (!downloader) throw new DistroError('INTERNAL', `${name} was not chosen`)
      const run = { client: name, round, load: loadNow(), ...(await download(downloader, content, mirror, place, round)) }
      options.say(`round ${round} ${name}: ${run.failure ?? JSON.stringify(run.metrics)}${run.intact ? '' : ' DAMAGED'}`)
      return run
    }
    if (options.warmUp) await interleave(0, 0, names, contest)
    const runs = await interleave(1, options.rounds ?? 5, names, contest)
    const settings = {
      size: formatSize(sizeBytes),
      pieceLength: formatSize(content.pieceLength),
      content: content.kind,
      fileSystem: content.fileSystem,
    }
    return { name: `web-seed-${formatSize(sizeBytes)}`, benchmark: 'web-seed', settings, versions, runs }
  } finally {
    await mirror.process.kill()
  }
}

async function startMirror(place: Place, content: Content): Promise<Mirror> {
  const port = await freePort()
  const logPath = path.join(content.work.path, 'mirror.log')
  const job = { address: LOOPBACK, port, root: content.directory, stateDirectory: content.work.folder('mirror-state') }
  const process = new MeasuredProcess(place, mirrorCommand(job), { logPath })
  const failed = process.ended.then(() => Promise.reject(new DistroError('INTERNAL', 'the mirror ended', { hint: tail(logPath) })))
  await within(MIRROR_READY_SECONDS, 'the mirror', Promise.race([listening(process, port), failed]))
  return { process, url: `http://${LOOPBACK}:${port}/${content.fileName}` }
}

async function download(
  { name, fetch }: Downloader,
  content: Content,
  mirror: Mirror,
  place: Place,
  round: number,
): Promise<Pick<Run, 'metrics' | 'intact' | 'failure'>> {
  const label = `${name}-${round}`
  const logPath = path.join(content.work.path, `${label}.log`)
  const { torrentPath } = content.torrents
  const job: Job = {
    torrentPath,
    trackedTorrentPath: torrentPath,
    directory: content.work.folder(label),
    fileName: content.fileName,
    address: LOOPBACK,
    port: await freePort(),
    mirrorUrl: mirror.url,
    stateDirectory: content.work.folder(`${label}-state`),
  }
  spawnSync('sync')
  const servedBefore = await mirror.process.cpuSecondsSoFar()
  const leech = new MeasuredProcess(place, fetch(job), { logPath })
  try {
    const usage = await within(60 + content.sizeBytes / SLOWEST_BYTES_PER_SECOND, `${name} to finish`, leech.ended)
    if (usage.exitCode !== 0) throw new DistroError('INTERNAL', `${name} ended with code ${usage.exitCode}`, { hint: tail(logPath) })
    const servingCpu = (await mirror.process.cpuSecondsSoFar()) - servedBefore
    const gibibytes = content.sizeBytes / GiB
    return {
      intact: isSameFile(path.join(content.directory, content.fileName), path.join(job.directory, content.fileName)),
      metrics: {
        throughputMiBps: roundTo(1, content.sizeBytes / MiB / usage.wallSeconds),
        wallSeconds: roundTo(3, usage.wallSeconds),
        leechCpuPerGiB: roundTo(3, usage.cpuSeconds / gibibytes),
        mirrorCpuPerGiB: roundTo(3, servingCpu / gibibytes),
        leechRssMiB: roundTo(0, usage.peakRssKiB / 1024),
        leechAnonymousMiB: roundTo(0, usage.peakAnonymousKiB / 1024),
      },
    }
  } catch (error) {
    if (!(error instanceof DistroError)) throw error
    return { intact: false, metrics: {}, failure: `${error.message}. ${error.hint ?? ''}` }
  } finally {
    await leech.kill().catch(() => undefined)
    for (const folder of [label, `${label}-state`]) content.work.drop(folder)
  }
}
