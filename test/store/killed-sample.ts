import { type SampleTorrent, sampleTorrent } from './sample-torrent.ts'

/** What the fetch that is killed fetches: large enough that a kill meets it in every phase. */
export const killedSample: SampleTorrent = sampleTorrent(
  Array.from({ length: 30 }, (_, index) => [`d${index % 3}/f${index}`, 1 + ((index * 7_919) % 70_000)] as const),
  { pieceLengthBytes: 32_768, seed: 5 },
)
