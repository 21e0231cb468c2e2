import { basename } from 'node:path'
import { toHex } from '../../base/bytes.ts'
import type { DistroError } from '../../base/errors.ts'
import type { Events } from '../../base/events.ts'
import { secondsOf } from '../../base/seconds-of.ts'
import { systemClock } from '../../base/system-clock.ts'
import { systemRandom } from '../../base/system-random.ts'
import { SeedStore } from '../../store/seed-store.ts'
import { addWebSeeds } from '../../torrent/add-web-seeds.ts'
import type { Metainfo } from '../../torrent/info.ts'
import { formatMagnet } from '../../torrent/magnet.ts'
import { magnetHashes } from '../../torrent/magnet-hashes.ts'
import { PieceGeometry } from '../../torrent/piece-geometry.ts'
import { checkOutputs } from '../check-outputs.ts'
import { ControlDoor } from '../control/control-door.ts'
import { EventedRun } from '../control/run-control.ts'
import { type CopiesGoal, copiesGoalOf } from '../copies/copies-goal.ts'
import { CopyMemory } from '../copies/copy-memory.ts'
import { CopyReport } from '../copies/copy-report.ts'
import { prepareReports } from '../copies/prepare-reports.ts'
import { listFile, readExpectedHosts } from '../copies/read-expected-hosts.ts'
import type { VerbEvents } from '../events.ts'
import { HostTrees } from '../host-trees.ts'
import { metadataEvent } from '../metadata-event.ts'
import { answersAt } from '../network/answers-at.ts'
import { readHostId } from '../network/host-id.ts'
import { Network, USUAL_PORT } from '../network/network.ts'
import type { NetworkRequest } from '../network/network-request.ts'
import { Participation } from '../network/participation.ts'
import { ProgressTicker } from '../progress-ticker.ts'
import { checkReplaceable, replaceFile } from '../replace-file.ts'
import { merkleTreesOf } from '../torrents/merkle-trees-of.ts'
import { similarFiles } from '../torrents/similar-files.ts'
import { aborted, untilAborted, within } from '../waiting.ts'
import { checkHandover, Handover, type HandoverTerms } from './handover.ts'
import { type Publication, publish } from './publish.ts'
import { SeedGoal } from './seed-goal.ts'
import type { SeedRequest, SeedResult } from './seed-request.ts'
import type { HttpService } from './serve-http.ts'

/** How long the magnet waits for the first announce to be heard. */
const ANNOUNCE_PATIENCE_MS = 10_000
/** A seed that is stopped, or has handed over, sends what was asked of it for so long at most. */
const FINISH_PATIENCE_MS = 2_000

/** Publishes a file or directory and stays until a goal is met or it is stopped; see `SeedVerb`. */
export async function seed(request: SeedRequest, events: Events<VerbEvents>, signal: AbortSignal): Promise<SeedResult> {
  const startedMs = systemClock.nowMs()
  const { torrentOut, magnetOut, reportOut, junitOut } = request
  await checkOutputs(
    { '--torrent-out': torrentOut, '--magnet-out': magnetOut, '--report': reportOut, '--report-junit': junitOut },
    {
      'the content': request.path,
      '--torrent': request.torrentFile,
      '--expect': listFile(request.expected),
      '--similar': similarFiles(request),
    },
  )
  const removeEarlierReports = await prepareReports(request)
  const expected = request.expected === undefined ? undefined : await readExpectedHosts(request.expected, signal)
  const copiesGoal = copiesGoalOf({ ...request, expected })
  checkHandover(request.handover, request.forMs, request.ratio)
  const network = beside(request.httpPort, request.network)
  await Network.check(network)
  if (request.httpPort !== undefined) await (await import('./serve-http.ts')).checkHttp(network.bindAddress, request.httpPort)
  if (torrentOut !== undefined) await checkReplaceable(torrentOut, `--torrent-out ${basename(torrentOut)}.torrent`)
  if (magnetOut !== undefined) await checkReplaceable(magnetOut, `--magnet-out ${basename(magnetOut)}.txt`)
  const run = new EventedRun(
    {
      verb: request.verb ?? 'seed',
      infoHash: null,
      name: request.name ?? basename(request.path),
      state: request.torrentFile === undefined ? 'hash' : 'check',
      pathOf: () => request.path,
    },
    events,
  )
  await using door = new ControlDoor(request.network.stateDir, run, events)
  const publication = await publish(request, removeEarlierReports, events, signal)
  const { metainfo } = publication
  events.emit('metadata', metadataEvent(metainfo))
  const memory = await memoryFor(copiesGoal, network, metainfo, events)
  if (request.knownTrees !== false) await new HostTrees(network.stateDir).note(metainfo, publication.root)
  const hostId = await readHostId(network.stateDir, systemRandom)
  const participation = await Participation.join(
    network,
    {
      infoHash: metainfo.infoHash,
      infoHashV2: metainfo.v2?.infoHash,
      isPrivate: metainfo.info.isPrivate,
      trackers: metainfo.trackers,
      magnetPeers: [],
      bytesLeft: 0,
      isBrief: false,
      copies: 'counted',
    },
    events,
  )
  const trees = merkleTreesOf(metainfo)
  const store = new SeedStore({ info: metainfo.info, trees, root: publication.root, stamps: publication.stamps, clock: systemClock })
  const { swarm } = participation
  let http: HttpService | undefined
  const uploadedBytes = (): number => swarm.status().uploadedBytes + (http?.traffic.bytesServed ?? 0)
  const handover = request.handover === undefined ? undefined : handoverOf(request.handover, participation, metainfo)
  const contentBytes = metainfo.info.totalBytes
  const goal = new SeedGoal(request, { swarm, copiesGoal, expected, contentBytes, memory, handover, uploadedBytes }, events)
  const ticker = new ProgressTicker({
    events,
    phase: () => 'seed',
    status: () => {
      const status = swarm.status()
      return { ...status, upBytesPerSecond: status.upBytesPerSecond + (http?.bytesPerSecond ?? 0) }
    },
    localBytes: () => metainfo.info.totalBytes,
    copies: () => goal.copies,
    expected: () => goal.expected,
    inZones: () => goal.inZones,
    handover: () => handover?.status,
    http: () => http?.traffic,
  })
  const result = (): SeedResult => ({
    infoHash: toHex(metainfo.infoHash),
    name: metainfo.info.name,
    bytes: metainfo.info.totalBytes,
    seconds: secondsOf(systemClock.nowMs() - startedMs),
    uploaded: uploadedBytes(),
    copies: goal.copies,
    copiesFromEarlierRuns: goal.copiesFromEarlierRuns,
    zones: swarm.status().zones,
    goalMet: goal.isMet,
  })
  const about = { infoHash: metainfo.infoHash, name: metainfo.info.name, bytes: metainfo.info.totalBytes }
  const report = new CopyReport({ path: reportOut, junitPath: junitOut, about: () => about, goal: copiesGoal }, events)
  if (memory !== undefined) {
    goal.recall(memory.records)
    const nowMs = Date.now()
    swarm.recallCopies(memory.records.map(({ copy, countedAt }) => ({ ...copy, ageMs: nowMs - countedAt.getTime() })))
  }
  const writeReport = async (goalMet: boolean, failure?: unknown): Promise<void> => {
    const hosts = goal.hosts()
    if (hosts !== undefined) events.emit('hosts', { hosts })
    await report.write({ goalMet, copies: goal.copies, expected: hosts, failure })
  }
  const ending = new AbortController()
  const end = (): void => ending.abort()
  signal.addEventListener('abort', end, { once: true })
  try {
    const broken = new Promise<never>((_resolve, reject) => {
      swarm.events.on('unreadable', (error: DistroError) => reject(error))
      swarm.events.on('failed', (error: DistroError) => reject(error))
    })
    swarm.events.on('peer', (peer) => events.emit('peer', peer))
    const layout = new PieceGeometry(metainfo.info)
    const { infoBytes } = metainfo
    swarm.setTorrent({ infoBytes, layout, store, trees, wanted: store.verified, servable: store.verified })
    swarm.tellCopy({ hostId })
    http = await startHttp(request, publication, participation, store)
    const ends = http === undefined ? [broken] : [broken, http.broken]
    const announcing = announce({ request, publication, participation, http, door }, events, ending.signal)
    await untilAborted(Promise.race([announcing, ...ends]), signal)
    if (!signal.aborted) await untilAborted(Promise.race([goal.met, ...ends]), signal)
    if (handover !== undefined && goal.isMet) events.emit('handover', { host: handover.host, hosts: handover.standing() })
    if (handover !== undefined || signal.aborted) await within(swarm.finishUploads(), FINISH_PATIENCE_MS)
    ticker.tell()
    await writeReport(goal.isMet, goal.isMet ? undefined : signal.reason)
    if (goal.isMet) {
      await memory?.forget()
      const { goalMet: _, ...figures } = result()
      const bySource = { peers: 0, webSeeds: 0, local: figures.bytes }
      events.emit('done', { path: publication.root, downloaded: 0, bySource, http: http?.traffic, ...figures })
    }
    return result()
  } catch (error) {
    await writeReport(false, error).catch(({ message }: Error) => events.emit('warning', { message }))
    throw error
  } finally {
    end()
    signal.removeEventListener('abort', end)
    ticker.stop()
    goal.stop()
    await memory?.close()
    await http?.[Symbol.asyncDispose]()
    await participation.stop()
    await store.close()
  }
}

/** Asks with a peer id of its own, because hosts that are connected with us would turn ours away. */
function handoverOf(terms: HandoverTerms, { network }: Participation, { infoHash, v2 }: Metainfo): Handover {
  const peerId = systemRandom.bytes(20)
  const own = { infoHash, infoHashV2: v2?.infoHash, peerId, supportsDht: false }
  return new Handover({ ...terms, clock: systemClock, answers: (address) => answersAt(network.transport, own, address) })
}

/** What was counted before, where a number of copies is asked for. */
async function memoryFor(
  { copies, inZones }: CopiesGoal,
  { stateDir }: NetworkRequest,
  { infoHash }: Metainfo,
  events: Events<VerbEvents>,
): Promise<CopyMemory | undefined> {
  if (copies === undefined && inZones === undefined) return undefined
  return CopyMemory.open({ stateDir, infoHash, warn: (message) => events.emit('warning', { message }) })
}

/** Leaves the port that is named for HTTP to it, should it be the one that peers are given when nothing is said. */
function beside(httpPort: number | undefined, network: NetworkRequest): NetworkRequest {
  return network.port === undefined && httpPort === USUAL_PORT ? { ...network, port: 0 } : network
}

/** Serves over HTTP if that is asked for. What it takes is loaded only then. */
async function startHttp(
  { httpPort, network }: SeedRequest,
  publication: Publication,
  { addresses, upLimit }: Participation,
  store: SeedStore,
): Promise<HttpService | undefined> {
  if (httpPort === undefined) return undefined
  const hosts = addresses.map(({ host }) => host)
  const { serveHttp } = await import('./serve-http.ts')
  return serveHttp({ publication, store, port: httpPort, bindAddress: network.bindAddress, hosts, limit: upLimit })
}

/** What is told to others, and by whom. */
interface Announcement {
  readonly request: SeedRequest
  readonly publication: Publication
  readonly participation: Participation
  readonly http: HttpService | undefined
  readonly door: ControlDoor
}

/** Waits until somebody has heard of us, then gives out the magnet. */
async function announce(
  { request, publication, participation, http, door }: Announcement,
  events: Events<VerbEvents>,
  signal: AbortSignal,
): Promise<void> {
  const { metainfo } = publication
  const webSeeds = [...new Set([...metainfo.webSeeds, ...request.webSeeds, ...(http?.urls ?? [])])]
  const torrentBytes = addWebSeeds(publication.torrentBytes, webSeeds)
  // The trackers of a private torrent may carry a password, and who asks over HTTP did not show that he knows it.
  if (!metainfo.info.isPrivate) http?.addTorrent(torrentBytes)
  const wasAnnounced = await within(Promise.race([participation.announced, aborted(signal)]), ANNOUNCE_PATIENCE_MS)
  if (signal.aborted) return
  if (wasAnnounced === undefined) {
    const message =
      'Nobody has heard our announcement yet; peers that can reach the addresses in the magnet need none, and we go on announcing.'
    events.emit('warning', { message })
  }
  const magnet = formatMagnet({
    ...magnetHashes(metainfo),
    name: metainfo.info.name,
    trackers: metainfo.trackers.flat(),
    peers: participation.addresses,
    webSeeds,
  })
  if (request.torrentOut !== undefined) await replaceFile(request.torrentOut, torrentBytes)
  if (request.magnetOut !== undefined) await replaceFile(request.magnetOut, `${magnet}\n`)
  await door.opened()
  events.emit('ready', {
    infoHash: toHex(metainfo.infoHash),
    infoHashV2: metainfo.v2 === undefined ? null : toHex(metainfo.v2.infoHash),
    magnet,
    listen: participation.addresses,
    announced: wasAnnounced === true,
    http: http?.urls,
  })
}
