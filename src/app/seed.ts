import { basename } from 'node:path'
import { toHex } from '../base/bytes.ts'
import type { DistroError } from '../base/errors.ts'
import type { Events } from '../base/events.ts'
import { systemClock } from '../base/system-clock.ts'
import { SeedStore } from '../store/seed-store.ts'
import { formatMagnet } from '../torrent/magnet.ts'
import { PieceGeometry } from '../torrent/piece-geometry.ts'
import type { VerbEvents } from './events.ts'
import { metadataEvent } from './metadata-event.ts'
import { Network } from './network.ts'
import { Participation } from './participation.ts'
import { ProgressTicker } from './progress-ticker.ts'
import { type Publication, publish } from './publish.ts'
import { checkReplaceable, replaceFile } from './replace-file.ts'
import { SeedGoal } from './seed-goal.ts'
import type { SeedRequest, SeedResult } from './seed-request.ts'
import { aborted, untilAborted, within } from './waiting.ts'

/** How long the magnet waits for the first announce to be heard. */
const ANNOUNCE_PATIENCE_MS = 10_000

/** Publishes a file or directory and stays until a goal is met or it is stopped; see `SeedVerb`. */
export async function seed(request: SeedRequest, events: Events<VerbEvents>, signal: AbortSignal): Promise<SeedResult> {
  const startedMs = systemClock.nowMs()
  await Network.check(request.network)
  const { torrentOut, magnetOut } = request
  if (torrentOut !== undefined) await checkReplaceable(torrentOut, `--torrent-out ${basename(torrentOut)}.torrent`)
  if (magnetOut !== undefined) await checkReplaceable(magnetOut, `--magnet-out ${basename(magnetOut)}.txt`)
  const publication = await publish(request, events, signal)
  const { metainfo } = publication
  events.emit('metadata', metadataEvent(metainfo))
  const participation = await Participation.join(
    request.network,
    {
      infoHash: metainfo.infoHash,
      isPrivate: metainfo.info.isPrivate,
      trackers: metainfo.trackers,
      magnetPeers: [],
      bytesLeft: 0,
      isBrief: false,
    },
    events,
  )
  const store = new SeedStore({ info: metainfo.info, root: publication.root, stamps: publication.stamps, clock: systemClock })
  const goal = new SeedGoal(request, participation.swarm, metainfo.info.totalBytes, events)
  const { swarm } = participation
  const ticker = new ProgressTicker({
    events,
    phase: () => 'seed',
    status: () => swarm.status(),
    localBytes: () => metainfo.info.totalBytes,
  })
  const result = (): SeedResult => ({
    infoHash: toHex(metainfo.infoHash),
    name: metainfo.info.name,
    bytes: metainfo.info.totalBytes,
    seconds: (systemClock.nowMs() - startedMs) / 1_000,
    uploaded: swarm.status().uploadedBytes,
    copies: goal.copies,
    zones: swarm.status().zones,
    goalMet: goal.isMet,
  })
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
    swarm.setTorrent({ infoBytes: metainfo.infoBytes, layout, store, wanted: store.verified, servable: store.verified })
    await untilAborted(Promise.race([announce(request, publication, participation, events, ending.signal), broken]), signal)
    if (!signal.aborted) await untilAborted(Promise.race([goal.met, broken]), signal)
    ticker.tell()
    if (goal.isMet) {
      const { goalMet: _, ...figures } = result()
      const bySource = { peers: 0, webSeeds: 0, local: figures.bytes }
      events.emit('done', { path: publication.root, downloaded: 0, bySource, ...figures })
    }
    return result()
  } finally {
    end()
    signal.removeEventListener('abort', end)
    ticker.stop()
    goal.stop()
    await participation.stop()
    await store.close()
  }
}

/** Waits until somebody has heard of us, then gives out the magnet. */
async function announce(
  request: SeedRequest,
  publication: Publication,
  participation: Participation,
  events: Events<VerbEvents>,
  signal: AbortSignal,
): Promise<void> {
  const { metainfo } = publication
  const wasAnnounced = await within(Promise.race([participation.announced, aborted(signal)]), ANNOUNCE_PATIENCE_MS)
  if (signal.aborted) return
  if (wasAnnounced === undefined) {
    const message =
      'Nobody has heard our announcement yet; peers that can reach the addresses in the magnet need none, and we go on announcing.'
    events.emit('warning', { message })
  }
  const magnet = formatMagnet({
    infoHash: metainfo.infoHash,
    name: metainfo.info.name,
    trackers: metainfo.trackers.flat(),
    peers: participation.addresses,
  })
  if (request.torrentOut !== undefined) await replaceFile(request.torrentOut, publication.torrentBytes)
  if (request.magnetOut !== undefined) await replaceFile(request.magnetOut, `${magnet}\n`)
  events.emit('ready', {
    infoHash: toHex(metainfo.infoHash),
    infoHashV2: null,
    magnet,
    listen: participation.addresses,
    announced: wasAnnounced === true,
  })
}
