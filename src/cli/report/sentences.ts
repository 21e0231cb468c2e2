import type { ZoneGoalCounts } from '../../app/copies/copies-goal.ts'
import type { WaitResult } from '../../app/copies/wait-request.ts'
import type {
  CopiesEvent,
  CopyHost,
  DoneEvent,
  HandoverEvent,
  MetadataEvent,
  PeerEvent,
  Phase,
  ProgressEvent,
  ReadyEvent,
  SwitchedEvent,
} from '../../app/events.ts'
import type { HandoverStatus } from '../../app/seed/handover.ts'
import type { SeedResult } from '../../app/seed/seed-request.ts'
import { formatAddress } from '../../base/address.ts'
import { formatCount, formatNumber, formatRate, formatSeconds, formatShare, formatSize, percentOf } from '../../base/format.ts'
import { MiB } from '../../base/units.ts'
import { toldEarlier } from './host-words.ts'
import { pieceSize } from './piece-size.ts'

const LEAST_TO_RATE_BYTES = MiB

/** What is being done, by phase; of one length, so that lines stay in columns. */
export const phaseWords: Readonly<Record<Phase, string>> = {
  hash: 'hashing ',
  check: 'checking',
  metadata: 'asking  ',
  fetch: 'fetching',
  place: 'placing ',
  seed: 'seeding ',
  wait: 'waiting ',
}

/** `listening on 192.0.2.7:6881 and announced`, and where it serves over HTTP: `; http://192.0.2.7:8080/`. */
export function readySentence(ready: ReadyEvent): string {
  const http = ready.http === undefined ? '' : `; ${firstOf(ready.http)}`
  return `listening on ${firstOf(ready.listen.map(formatAddress))}${ready.announced ? ' and announced' : ', not announced'}${http}`
}

/** At most four places, and how many more there are. */
function firstOf(places: readonly string[]): string {
  const shown = places.length > 4 ? [...places.slice(0, 4), `${places.length - 4} more`] : places
  return shown.length === 0 ? 'no address' : shown.join(', ')
}

/** `dataset: 12 files, 1.2 GiB, 1,230 pieces of 1.0 MiB`. */
export function metadataSentence(metadata: MetadataEvent): string {
  const { name, files, bytesTotal, pieces, pieceLengthBytes } = metadata
  const inPieces = `${formatCount(pieces, 'piece')} ${pieceSize(bytesTotal, pieces, pieceLengthBytes)}`
  return `${name}: ${formatCount(files, 'file')}, ${formatSize(bytesTotal)}, ${inPieces}`
}

/** `a hybrid torrent, info-hash c12f... for v1 and 4d5e... for v2`. */
export function formatSentence({ format, infoHash, infoHashV2 }: Pick<MetadataEvent, 'format' | 'infoHash' | 'infoHashV2'>): string {
  if (infoHashV2 === null) return `a v1 torrent, info-hash ${infoHash}`
  return format === 'v2'
    ? `a v2 torrent, info-hash ${infoHashV2}`
    : `a hybrid torrent, info-hash ${infoHash} for v1 and ${infoHashV2} for v2`
}

/**
 * `3 of 5 copies complete: web-7 (192.0.2.9) has it`; with more than were asked for `6 copies complete: ...`, and of one that was counted before
 * `... has it, as it told an earlier run at 2026-01-02T03:04:05Z`.
 */
export function copiesSentence({ complete, goal, expected, inZones, host, countedAt, isFromEarlierRun }: CopiesEvent): string {
  const count = goal === null || complete > goal ? copiesOf(complete) : `${complete} of ${copiesOf(goal)}`
  const others = expected === null || expected.arriving === 0 ? '' : `, ${formatCount(expected.arriving, 'other', 'others')} on the way`
  const zones = inZones === null ? '' : `, ${zonesFigure(inZones)}`
  const earlier = isFromEarlierRun ? `, ${toldEarlier(countedAt)}` : ''
  return `${count} complete${zones}: ${whoIs(host)} has it${earlier}${host.isExpected === false ? ', and was not expected' : others}`
}

/** `web-7 (192.0.2.9)`; of one without a name its address, or the beginning of its number where nobody told that either. */
function whoIs({ id, name, address }: CopyHost): string {
  if (address === null) return name ?? (id === null ? 'a host' : `host ${id.slice(0, 8)}`)
  return name === null ? address.host : `${name} (${address.host})`
}

/** `web-1 and 2 others hold it and stay`. */
export function handoverSentence({ host, hosts }: HandoverEvent): string {
  const others = hosts.length - 1
  return others === 0 ? `${host} holds it and stays` : `${host} and ${formatCount(others, 'other', 'others')} hold it and stay`
}

/** `current is app-1.2-c12fe1c06bba now; it was app-1.1-5ad3a31cf570`. */
export function switchedSentence({ release, previous }: SwitchedEvent): string {
  return `current is ${release} now${previous === null ? '' : `; it was ${previous}`}`
}

/** `192.0.2.9:6881 connected (dht, qBittorrent 4.6)`. */
export function peerSentence(peer: PeerEvent): string {
  const verb = peer.kind === 'complete' ? 'has everything' : peer.kind
  const client = peer.client === undefined || peer.client === '' ? '' : `, ${peer.client.slice(0, 64)}`
  return `${formatAddress(peer.address)} ${verb} (${peer.origin}${client})${peer.reason === undefined ? '' : `: ${peer.reason}`}`
}

/** `fetched dataset: 256 MiB in 2.8 s, 91.4 MiB/s`, and of a fetch what came from elsewhere than peers. */
export function doneSentence(verb: string, done: DoneEvent): string {
  if (verb === 'seed' || verb === 'push')
    return seededSentence({ ...done, copies: done.copies ?? 0, copiesFromEarlierRuns: done.copiesFromEarlierRuns ?? 0 })
  if (verb === 'fetch') return fetchedSentence(done)
  const work = `${formatSeconds(done.seconds)}${rateOf(done.bytes, done.seconds)}`
  if (verb === 'verify') {
    return `${done.isPart === true ? `what is selected of ${done.name}` : done.name} is whole: ${formatSize(done.bytes)} checked in ${work}`
  }
  return `hashed ${done.name}: ${formatSize(done.bytes)} in ${work}; wrote ${done.path}`
}

/** `seeded dataset: 256 MiB in 20 s, 512 MiB sent, 2 copies`, however the seed ended; where it was started again `2 copies, 1 of them told to an earlier run`. */
export function seededSentence(result: Omit<SeedResult, 'infoHash' | 'goalMet'>): string {
  const { name, bytes, seconds, uploaded, copies, copiesFromEarlierRuns } = result
  const share = copiesFromEarlierRuns === copies ? '' : ` ${formatNumber(copiesFromEarlierRuns)} of them`
  const earlier = copiesFromEarlierRuns === 0 ? '' : `,${share} told to an earlier run`
  return `seeded ${name}: ${formatSize(bytes)} in ${formatSeconds(seconds)}, ${formatSize(uploaded)} sent, ${copiesOf(copies)}${earlier}`
}

/** `app: 3 copies after 12 s`, and of a wait for what nobody named `the torrent: ...`. */
export function waitedSentence({ name, copies, seconds }: WaitResult): string {
  return `${name ?? 'the torrent'}: ${copiesOf(copies)} after ${formatSeconds(seconds)}`
}

/** `, 91.4 MiB/s`, or nothing for so little that its rate would be that of starting and ending. */
function rateOf(bytes: number, seconds: number): string {
  return bytes >= LEAST_TO_RATE_BYTES && seconds > 0 ? `, ${formatRate(bytes / seconds)}` : ''
}

/** The rate is that of what was received, where that was most of it. With a selection whole pieces were, and a part of them is in files that are not wanted. */
function fetchedSentence({ name, bytes, seconds, bySource }: DoneEvent): string {
  const received = bySource.peers + bySource.webSeeds
  const pieces = received + bySource.local
  if (received === 0 && bySource.local > 0) return `fetched ${name}: ${formatSize(bytes)}, all of it was here already`
  const size = `${formatSize(bytes)}${pieces > bytes ? `, ${formatSize(pieces)} in whole pieces,` : ''}`
  const rate = received >= bySource.local ? rateOf(received, seconds) : ''
  return `fetched ${name}: ${size} in ${formatSeconds(seconds)}${rate}${originOf(bySource)}`
}

/** `; all of it from web seeds`, `; 16 KiB came from others, the rest was here already`, or nothing where all of it came from peers. */
function originOf({ peers, webSeeds, local }: DoneEvent['bySource']): string {
  const share = peers > 0 && webSeeds > 0 ? `, ${formatSize(webSeeds)} of it from web seeds` : ''
  if (local > 0)
    return `; ${formatSize(peers + webSeeds)} came from ${peers > 0 ? 'others' : 'web seeds'}${share}, the rest was here already`
  if (webSeeds === 0) return ''
  return peers > 0 ? `; ${formatSize(webSeeds)} of it from web seeds` : '; all of it from web seeds'
}

function copiesOf(count: number): string {
  return formatCount(count, 'copy', 'copies')
}

/** The figures of a progress line, most important first; a narrow terminal leaves out the last ones. */
export function progressFigures(progress: ProgressEvent): readonly string[] {
  const { phase, peers, seeds, upBytesPerSecond, bytesPerSecond, etaSeconds } = progress
  const eta = etaSeconds === null ? 'eta --' : `eta ${formatSeconds(Math.ceil(etaSeconds))}`
  const isOver = progress.bytesDone >= progress.bytesTotal
  if (phase === 'metadata') return [formatCount(peers, 'peer')]
  const overHttp = progress.http === undefined ? [] : [`${progress.http.connections} over HTTP`]
  const zones = progress.inZones === undefined ? [] : [zonesFigure(progress.inZones)]
  const copies = progress.copies === undefined ? [] : [copiesFigure(progress.copies, progress.expected), ...zones]
  const handover = progress.handover === undefined ? [] : [handoverFigure(progress.handover)]
  if (phase === 'wait') return [formatCount(peers, 'peer'), formatCount(seeds, 'seed'), ...copies]
  if (phase === 'seed')
    return [
      `${formatRate(upBytesPerSecond)} up`,
      formatCount(peers, 'peer'),
      formatCount(seeds, 'seed'),
      ...copies,
      ...handover,
      ...overHttp,
    ]
  const share = [formatShare(progress.bytesDone, progress.bytesTotal)]
  if (isOver) return phase === 'fetch' ? [...share, helpers(progress)] : share
  if (phase !== 'fetch') return bytesPerSecond < 1 ? share : [...share, formatRate(bytesPerSecond), eta]
  const up = upBytesPerSecond >= 1 ? [`${formatRate(upBytesPerSecond)} up`] : []
  return [...share, formatRate(bytesPerSecond), helpers(progress), eta, ...up]
}

/** `12 copies`, and with a list of hosts `12 of 40 hosts, 20 on the way`. */
function copiesFigure(copies: number, expected: ProgressEvent['expected']): string {
  if (expected === undefined) return copiesOf(copies)
  return `${formatNumber(expected.complete)} of ${formatCount(expected.total, 'host')}, ${formatNumber(expected.arriving)} on the way`
}

/** `1 of 2 zones with 2 copies`. */
function zonesFigure({ copies, total, met }: ZoneGoalCounts): string {
  return `${formatNumber(met)} of ${formatCount(total, 'zone')} with ${copiesOf(copies)}`
}

/** `handover: 1 of 2 stand, mirror-1 there`. */
export function handoverFigure({ host, copies, standing, isHostStanding }: HandoverStatus): string {
  return `handover: ${standing} of ${copies} stand, ${host} ${isHostStanding ? 'there' : 'not there yet'}`
}

/** `5 peers`, `1 web seed`, `5 peers, 1 web seed`. */
function helpers({ peers, webSeeds }: ProgressEvent): string {
  if (webSeeds === 0) return formatCount(peers, 'peer')
  return [...(peers === 0 ? [] : [formatCount(peers, 'peer')]), formatCount(webSeeds, 'web seed')].join(', ')
}

/** True if the phase has an end that a percentage can be told of. */
export function hasEnd(progress: ProgressEvent): boolean {
  return progress.phase !== 'seed' && progress.phase !== 'wait' && progress.phase !== 'metadata' && progress.bytesTotal > 0
}

/** `fetching  40 %  102.4/256.0 MiB  92.1 MiB/s  5 peers  eta 2 s`. */
export function progressSentence(progress: ProgressEvent): string {
  const percent = hasEnd(progress) ? [`${String(percentOf(progress.bytesDone, progress.bytesTotal)).padStart(3)} %`] : []
  return [phaseWords[progress.phase], ...percent, ...progressFigures(progress)].join('  ')
}
