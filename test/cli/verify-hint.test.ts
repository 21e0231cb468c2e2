import { describe, expect, it } from 'vitest'
import type { DamagedFile } from '../../src/app/torrents/verify-request.ts'
import { verifyHint } from '../../src/cli/verify-hint.ts'

const missing: DamagedFile = { path: 'a', state: 'missing' }
const damaged: DamagedFile = { path: 'b', state: 'damaged' }
const extra: DamagedFile = { path: 'c', state: 'extra' }
const unchecked: DamagedFile = { path: 'd', state: 'unchecked', sharesPieceWith: ['a'], sharers: 1 }
const folder: DamagedFile = { path: 'e/', state: 'mtime', mtime: '2026-01-02T03:04:05Z' }

const tree = { name: 'app', path: '/srv/app' }
const hintFor = (...flaws: DamagedFile[]): string => verifyHint({ ...tree, damaged: flaws })

describe('the hint of verify', () => {
  it('replaces nothing where something is only missing, whatever could not be checked for it', () => {
    const hint =
      'distro fetch with --out /srv adds what is missing, and changes nothing else. If only a part was fetched, --select checks that part.'
    for (const flaws of [[missing], [missing, unchecked], [missing, folder], [{ ...missing, path: 'empty/' }]])
      expect(hintFor(...flaws)).toBe(hint)
    expect(hintFor(folder)).toBe('distro fetch with --out /srv puts that right, and changes nothing else.')
  })

  it('replaces the tree where something in it is wrong, and says of deleting only where something would be deleted', () => {
    const hint = 'distro fetch with --out /srv --overwrite replaces the tree, and fetches only what is not right'
    for (const flaws of [[damaged], [damaged, missing], [{ ...damaged, state: 'mode' } as const]])
      expect(hintFor(...flaws)).toBe(`${hint}.`)
    expect(hintFor(damaged, extra)).toBe(`${hint}; it deletes what is not in the torrent.`)
  })

  it('has what is not in the torrent moved away where nothing else is wrong', () => {
    expect(hintFor(extra)).toBe('Move away what is not in the torrent; fetch --overwrite would delete it.')
    expect(hintFor(extra, missing)).toContain(
      'Move away what is not in the torrent; then distro fetch with --out /srv adds what is missing',
    )
  })

  it('keeps to the part that was selected, and says what becomes of the rest', () => {
    const part = { ...tree, isPart: true }
    expect(verifyHint({ ...part, damaged: [missing] })).toBe(
      'distro fetch with the same --select and --out /srv adds what is missing, and changes nothing else.',
    )
    expect(verifyHint({ ...part, damaged: [unchecked] })).toContain('fetches what it shares with others again')
    expect(verifyHint({ ...part, damaged: [damaged] })).toBe(
      'distro fetch with the same --select and --out /srv --overwrite replaces the tree, and fetches only what is not right; it deletes what is not selected.',
    )
  })

  it('does not send a fetch to a tree of another name, where it would put one beside it', () => {
    expect(verifyHint({ name: 'app', path: '/srv/app-1.2\n', damaged: [missing] })).toBe(
      'fetch mends a tree only under its name, app; with --reuse /srv/app-1.2\\x0a it puts a whole one elsewhere, and fetches only what is not right here.',
    )
  })
})
