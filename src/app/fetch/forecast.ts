import { join } from 'node:path'
import type { FetchOutlook } from '../../store/survey-fetch.ts'
import type { TorrentInfo } from '../../torrent/info.ts'
import type { FetchResult } from './fetch-request.ts'

/** What was found out about a fetch, of the files that it is asked for. */
export function forecastOf(
  { isSingleFile, files: all }: TorrentInfo,
  { path: target, files }: Pick<FetchResult, 'path' | 'files'>,
  { missingFiles, ...bytes }: FetchOutlook,
): Pick<FetchResult, 'files' | 'outlook'> {
  const pathOf = (file: number): string => (isSingleFile ? target : join(target, ...(all[file]?.path ?? [])))
  const missing = new Map([...missingFiles].map(([file, missingBytes]) => [pathOf(file), missingBytes]))
  return {
    files: files.map((file) => ({ ...file, missingBytes: missing.get(file.path) ?? 0 })),
    outlook: { ...bytes, missingPaths: files.map(({ path }) => path).filter((path) => missing.has(path)) },
  }
}
