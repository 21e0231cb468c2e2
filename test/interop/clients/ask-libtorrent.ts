import { execFileSync } from 'node:child_process'

/** What libtorrent says of a torrent. */
export interface TheirView {
  readonly v1: string | null
  readonly v2: string | null
  readonly magnet: string
  readonly files: readonly (readonly [path: string, lengthBytes: number, piecesRoot: string | null])[]
}

/** Lets libtorrent make or read a torrent: the job is what `libtorrent-torrent.py` takes. */
export function askLibtorrent(job: object): TheirView {
  const script = 'test/interop/clients/libtorrent-torrent.py'
  return JSON.parse(execFileSync('/usr/bin/python3', [script, JSON.stringify(job)]).toString()) as TheirView
}
