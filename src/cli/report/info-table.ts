import type { TorrentSummary } from '../../app/resolve/info-request.ts'
import { formatCount, formatNumber, formatSize } from '../../base/format.ts'
import { symlinkText } from '../../torrent/symlink.ts'
import { escapeName, escapeText } from '../escape-text.ts'
import { pieceSize } from './piece-size.ts'
import type { Style } from './style.ts'

/** A torrent as a table for people, without a newline at its end. */
export function infoTable(summary: TorrentSummary, style: Style): string {
  const rows: readonly (readonly [label: string, text: string])[] = [
    ['name', escapeName(summary.name)],
    ['format', FORMATS[summary.format]],
    ...(summary.infoHash === null ? [] : ([['info-hash', summary.infoHash]] as const)),
    ...(summary.infoHashV2 === null ? [] : ([['info-hash v2', summary.infoHashV2]] as const)),
    ['size', `${formatSize(summary.bytes)} (${formatCount(summary.bytes, 'byte')})`],
    ['pieces', `${formatNumber(summary.pieces)} ${pieceSize(summary.bytes, summary.pieces, summary.pieceLengthBytes)}`],
    ...(summary.summedBlockBytes === null ? [] : ([['block sums', `of blocks of ${formatSize(summary.summedBlockBytes)}`]] as const)),
    ['private', summary.isPrivate ? 'yes: peers come from its trackers only' : 'no'],
    ...(summary.carries.length === 0 ? [] : ([['carries', summary.carries.map((kind) => CARRIED[kind]).join(', ')]] as const)),
    ...summary.trackers.map(
      (tier, index) => ['tracker', `${escapeText(tier.join('  '))}${index > 0 ? `  (tier ${index + 1})` : ''}`] as const,
    ),
    ...summary.webSeeds.map((url) => ['web seed', escapeText(url)] as const),
    ...summary.nodes.map((node) => ['DHT node', escapeText(node)] as const),
    ...summary.similar.map((hash) => ['similar', hash] as const),
    ...summary.collections.map((name) => ['collection', escapeText(name)] as const),
    ...optionalRow('comment', summary.comment),
    ...optionalRow('made by', summary.createdBy),
    ...optionalRow('made at', summary.createdAt),
    ['magnet', escapeText(summary.magnet)],
  ]
  const widest = Math.max(...rows.map(([label]) => label.length))
  const head = rows.map(([label, text]) => `${style.bold(label.padEnd(widest))}  ${text}`)
  return [...head, '', ...fileLines(summary, style)].join('\n')
}

const FORMATS = {
  v1: 'v1',
  v2: 'v2 only (BEP 52)',
  hybrid: 'hybrid of v1 and v2 (BEP 52)',
} as const

const CARRIED = { modes: 'modes', mtimes: 'modification times', 'posix-names': 'names that not every system takes' } as const

function optionalRow(label: string, text: string | null): readonly (readonly [string, string])[] {
  if (text === null || text === '') return []
  return [[label, escapeText(text.length > 1_000 ? `${text.slice(0, 1_000)}...` : text)]]
}

/** Marked as `ls -F` does: `*` behind what is executable, an arrow behind a link, a slash behind a folder. */
function fileLines({ files, symlinks, emptyDirectories }: TorrentSummary, style: Style): readonly string[] {
  const entries = [
    ...files.map(
      ({ path, lengthBytes, isExecutable }) => [formatSize(lengthBytes), `${escapeName(path)}${isExecutable ? '*' : ''}`] as const,
    ),
    ...symlinks.map(({ path, target }) => ['link', `${escapeName(path)} -> ${escapeName(held(path, target))}`] as const),
    ...emptyDirectories.map((path) => ['empty', `${escapeName(path)}/`] as const),
  ]
  const widest = entries.reduce((width, [size]) => Math.max(width, size.length), 0)
  const counts = [
    formatCount(files.length, 'file'),
    ...(symlinks.length > 0 ? [formatCount(symlinks.length, 'symbolic link')] : []),
    ...(emptyDirectories.length > 0 ? [formatCount(emptyDirectories.length, 'empty directory', 'empty directories')] : []),
  ]
  return [style.bold(counts.join(', ')), ...entries.map(([size, path]) => `${size.padStart(widest + 2)}  ${path}`)]
}

/** What the link at `path` holds, as `ls` and `distro verify` show it. */
function held(path: string, target: string): string {
  return symlinkText({ path: path.split('/'), target: target.split('/') })
}
