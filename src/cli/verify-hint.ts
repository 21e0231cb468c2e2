import { basename, dirname } from 'node:path'
import type { DamagedFile, VerifyResult } from '../app/torrents/verify-request.ts'
import { escapeName } from './escape-text.ts'

/** What helps a tree that is not as published: no more is replaced or deleted than what was found asks for. */
export function verifyHint({ damaged, name, path, isPart = false }: Pick<VerifyResult, 'damaged' | 'name' | 'path' | 'isPart'>): string {
  const isExtra = damaged.some(({ state }) => state === 'extra')
  const isWrong = damaged.some((each) => each.state !== 'extra' && !isLack(each))
  const isUnchecked = damaged.some(({ state }) => state === 'unchecked')
  const isMissing = damaged.some(({ state }) => state === 'missing')
  if (isExtra && !isWrong && !isMissing) return 'Move away what is not in the torrent; fetch --overwrite would delete it.'
  if (basename(path) !== name) {
    return `fetch mends a tree only under its name, ${escapeName(name)}; with --reuse ${escapeName(path)} it puts a whole one elsewhere, and fetches only what is not right here.`
  }
  const same = isPart ? 'the same --select and ' : ''
  const fetch = `distro fetch with ${same}--out ${escapeName(dirname(path))}`
  if (!isWrong) {
    const first = isExtra ? 'Move away what is not in the torrent; then ' : ''
    const part = isMissing && !isPart ? ' If only a part was fetched, --select checks that part.' : ''
    return `${first}${fetch} ${isMissing ? 'adds what is missing' : isUnchecked ? 'fetches what it shares with others again' : 'puts that right'}, and changes nothing else.${part}`
  }
  const deleted = [isExtra && 'what is not in the torrent', isPart && 'what is not selected'].filter((each) => each !== false)
  const deletes = deleted.length === 0 ? '' : `; it deletes ${deleted.join(' and ')}`
  return `${fetch} --overwrite replaces the tree, and fetches only what is not right${deletes}.`
}

/** What a fetch without --overwrite puts right: it adds entries, and settles the modes and times of folders. */
function isLack({ state, path }: DamagedFile): boolean {
  return state === 'missing' || state === 'unchecked' || ((state === 'mode' || state === 'mtime') && path.endsWith('/'))
}
