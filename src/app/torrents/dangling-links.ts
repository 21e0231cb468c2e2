import type { WalkedTree } from '../../store/tree-walker.ts'
import type { TorrentSymlink } from '../../torrent/info.ts'

type Entries = Pick<WalkedTree, 'symlinks' | 'emptyDirectories'> & {
  readonly files: readonly { readonly path: readonly string[] }[]
}

/** As many links as Linux follows on one way. */
const LINKS_ON_A_WAY = 40

/** The links of a tree that lead to nothing that is published with them, over other links or not; those that go round in a circle too. */
export function danglingLinks({ files, symlinks, emptyDirectories }: Entries): readonly TorrentSymlink[] {
  if (symlinks.length === 0) return []
  const targets = new Map(symlinks.map(({ path, target }) => [path.join('/'), target]))
  const places = new Set<string>()
  for (const { path } of [...files, ...symlinks]) addFolders(places, path.slice(0, -1))
  for (const path of emptyDirectories) addFolders(places, path)
  for (const { path } of files) places.add(path.join('/'))
  return symlinks.filter(({ target }) => {
    const end = endOf(target, targets)
    return end === undefined || !places.has(end.join('/'))
  })
}

function addFolders(places: Set<string>, path: readonly string[]): void {
  for (let length = path.length; length > 0; length--) {
    const folder = path.slice(0, length).join('/')
    if (places.has(folder)) return
    places.add(folder)
  }
}

/** Where `path` leads once every link on it was followed; undefined where that has no end. */
function endOf(path: readonly string[], targets: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  let way = path
  for (let followed = 0; followed <= LINKS_ON_A_WAY; followed++) {
    const link = way.findIndex((_, at) => targets.has(way.slice(0, at + 1).join('/')))
    if (link === -1) return way
    way = [...(targets.get(way.slice(0, link + 1).join('/')) ?? []), ...way.slice(link + 1)]
  }
  return undefined
}
