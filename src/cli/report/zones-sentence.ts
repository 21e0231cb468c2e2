import type { ZoneTraffic } from '../../app/events.ts'
import { formatCount, formatSize } from '../../base/format.ts'

const SHOWN_ZONES = 4

/** `zones: rack-a (ours) 240.0 MiB in, 96.2 MiB out; rack-b 16.0 MiB in, 0 B out`: ours, then those that most went to and came from. */
export function zonesSentence(zones: readonly ZoneTraffic[]): string {
  const bytesOf = (zone: ZoneTraffic): number => zone.downloadedBytes + zone.uploadedBytes
  const own = zones.filter(({ relation }) => relation === 'same')
  const others = zones.filter(({ relation }) => relation !== 'same').toSorted((first, second) => bytesOf(second) - bytesOf(first))
  const ranked = [...own, ...others]
  const shown = ranked.slice(0, SHOWN_ZONES).map(phraseOf)
  const left = ranked.slice(SHOWN_ZONES)
  if (left.length > 0) shown.push(`${formatCount(left.length, 'more zone')} ${trafficPhrase(left)}`)
  return `zones: ${shown.length === 0 ? 'nothing moved yet' : shown.join('; ')}`
}

function phraseOf(zone: ZoneTraffic): string {
  const name = zone.relation === 'unknown' ? 'no zone told' : zone.zone
  return `${name}${zone.relation === 'same' ? ' (ours)' : ''} ${trafficPhrase([zone])}`
}

function trafficPhrase(zones: readonly ZoneTraffic[]): string {
  const down = zones.reduce((sum, { downloadedBytes }) => sum + downloadedBytes, 0)
  const up = zones.reduce((sum, { uploadedBytes }) => sum + uploadedBytes, 0)
  return `${formatSize(down)} in, ${formatSize(up)} out`
}
