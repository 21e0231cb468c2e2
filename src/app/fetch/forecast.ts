import { join } from 'node:path'
import type { FetchOutlook } from '../../store/survey-fetch.ts'
import type { TorrentInfo } from '../../torrent/info.ts'
import type { FetchForecast, FetchResult } from './fetch-request.ts'

/** What was found out about a fetch, in the paths of the files that it is asked for. */
export function forecastOf(
  { isSingleFile, files: all }: TorrentInfo,
  { path: target, files }: Pick<FetchResult, 'path' | 'files'>,
  { missingFiles, ...bytes }: FetchOutlook,
): FetchForecast {
  const missing = new Set(missingFiles.map((file) => (isSingleFile ? target : join(target, ...(all[file]?.path ?? [])))))
  return { ...bytes, missingPaths: files.map(({ path }) => path).filter((path) => missing.has(path)) }
}
