import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { GiB } from '../src/base/units.ts'
import { chooseClients, versionsOf } from './clients/all.ts'
import type { Client, Job } from './clients/client.ts'
import { curlClient } from './clients/curl.ts'
import { type Content, contentSettings, prepareContent } from './harness/content.ts'
import { describeWith, holdContest, type Measured } from './harness/contest.ts'
import { patienceFor, within } from './harness/deadline.ts'
import { freePort, LOOPBACK } from './harness/free-port.ts'
import { gaveUp } from './harness/gave-up.ts'
import { MeasuredProcess } from './harness/measured-process.ts'
import { listening, mirrorCommand } from './harness/mirror.ts'
import type { Options } from './harness/options.ts'
import type { Place } from './harness/place.ts'
import { isSameFile } from './harness/same-file.ts'
import { formatSize } from './harness/sizes.ts'
import { anonymousMiB, cpuPerGiB, paceOf, rssMiB } from './harness/usage-metrics.ts'
import type { Outcome } from './report/outcome.ts'

const MIRROR_READY_SECONDS = 20

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
  const downloaders = new Map(names.map((name): [string, Downloader] => [name, field.clients.get(name) ?? curlClient]))
  const versions = versionsOf(['nginx', ...names], options.distro)
  const content = prepareContent(options, sizeBytes, 1)
  const mirror = await startMirror(place, content)
  try {
    const runs = await holdContest(options, {
      contestants: downloaders,
      usualRounds: 5,
      warmsUp: options.warmUp,
      measure: (downloader, _, round) => download(downloader, content, mirror, place, round),
      describe: describeWith('DAMAGED'),
    })
    const settings = contentSettings(content)
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
  const failed = process.ended.then((usage) => Promise.reject(gaveUp('the mirror', usage, logPath)))
  await within(MIRROR_READY_SECONDS, 'the mirror', Promise.race([listening(process, port), failed]))
  return { process, url: `http://${LOOPBACK}:${port}/${content.fileName}` }
}

async function download({ name, fetch }: Downloader, content: Content, mirror: Mirror, place: Place, round: number): Promise<Measured> {
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
    const usage = await within(60 + patienceFor(content.sizeBytes), `${name} to finish`, leech.ended)
    if (usage.exitCode !== 0) throw gaveUp(name, usage, logPath)
    const servingCpu = (await mirror.process.cpuSecondsSoFar()) - servedBefore
    const { sizeBytes } = content
    return {
      intact: isSameFile(path.join(content.directory, content.fileName), path.join(job.directory, content.fileName)),
      metrics: {
        ...paceOf(sizeBytes, usage),
        leechCpuPerGiB: cpuPerGiB(sizeBytes, usage.cpuSeconds),
        mirrorCpuPerGiB: cpuPerGiB(sizeBytes, servingCpu),
        leechRssMiB: rssMiB(usage),
        leechAnonymousMiB: anonymousMiB(usage),
      },
    }
  } finally {
    await leech.kill().catch(() => undefined)
    for (const folder of [label, `${label}-state`]) content.work.drop(folder)
  }
}
