import { describe, expect, it } from 'vitest'
import type { VerifyRequest } from '../../src/app/torrents/verify-request.ts'
import { run } from '../../src/cli/run.ts'
import { fakeVerbs } from './fake-verbs.ts'
import { FakeWorld } from './fake-world.ts'
import { sampleDone } from './sample-events.ts'

describe('distro verify', () => {
  const result = {
    infoHash: 'c12fe1c06bba254a9dc9f519b335aa7c1367a88a',
    name: 'app',
    path: '/srv/app',
    bytes: 9,
    files: 3,
    seconds: 1,
    damaged: [],
    wrongFiles: { least: 0, most: 0 },
  }

  it('prints nothing on stdout when everything is whole', async () => {
    const world = new FakeWorld()
    expect(await run(['verify', 'a.torrent', 'app'], world, fakeVerbs({ verify: async () => result }))).toBe(0)
    expect(world.out).toBe('')
  })

  it('tells a name with a line break from one that only looks so', async () => {
    const damaged = [
      { path: 'new\nline', state: 'missing' },
      { path: 'new\\x0aline', state: 'missing' },
    ] as const
    const world = new FakeWorld()
    await run(['verify', 'a.torrent', 'app'], world, fakeVerbs({ verify: async () => ({ ...result, damaged }) }))
    expect(world.out).toBe('missing new\\x0aline\nmissing new\\\\x0aline\n')
  })

  it('prints a line for each damaged or missing file and exits with 5', async () => {
    const damaged = [
      { path: 'lib/a', state: 'missing' },
      { path: 'b\nc', state: 'damaged' },
    ] as const
    const verbs = fakeVerbs({ verify: async () => ({ ...result, damaged, wrongFiles: { least: 2, most: 2 } }) })
    const world = new FakeWorld()
    expect(await run(['verify', 'a.torrent', 'app'], world, verbs)).toBe(5)
    expect(world.out).toBe('missing lib/a\ndamaged b\\x0ac\n')
    expect(world.err).toContain('error: 2 of 3 files are missing or damaged.')
    const json = new FakeWorld()
    await run(['verify', 'a.torrent', 'app', '--json'], json, verbs)
    expect(json.records).toMatchObject([{ type: 'damage', state: 'missing' }, { type: 'damage' }, { type: 'error', code: 'VERIFY_FAILED' }])
  })

  it('says of files that share a wrong piece that they are suspect, and counts them as few and as many as they may be', async () => {
    const damaged = [
      { path: 'a', state: 'suspect', sharesPieceWith: ['b'], sharers: 1 },
      { path: 'b', state: 'suspect', sharesPieceWith: ['a', 'c\x1b', 'd'], sharers: 7 },
    ] as const
    const world = new FakeWorld()
    const verbs = fakeVerbs({ verify: async () => ({ ...result, damaged, wrongFiles: { least: 1, most: 2 } }) })
    expect(await run(['verify', 'a.torrent', 'app'], world, verbs)).toBe(5)
    expect(world.out).toBe('suspect a (shares a wrong piece with b)\nsuspect b (shares a wrong piece with a, c\\x1b, d and 4 more)\n')
    expect(world.err).toContain('error: 1 to 2 of 3 files are missing or damaged.')
  })

  it('says of files that could not be checked for want of others that they could not, and counts them by themselves', async () => {
    const damaged = [
      { path: 'a', state: 'unchecked', sharesPieceWith: ['d'], sharers: 1 },
      { path: 'b', state: 'unchecked', sharesPieceWith: ['d', 'e', 'f'], sharers: 4 },
      { path: 'd', state: 'missing' },
    ] as const
    const world = new FakeWorld()
    const verbs = fakeVerbs({ verify: async () => ({ ...result, damaged, wrongFiles: { least: 1, most: 1 } }) })
    expect(await run(['verify', 'a.torrent', 'app'], world, verbs)).toBe(5)
    expect(world.out).toBe(
      'unchecked a (shares a piece with d, which is missing or of another length)\n' +
        'unchecked b (shares a piece with d, e, f and 1 more, which are missing or of another length)\n' +
        'missing d\n',
    )
    expect(world.err).toContain('error: 1 of 3 files is missing or damaged, and 2 files could not be checked.')
  })

  it('prints ten modification times and counts the rest, with JSON all of them', async () => {
    const times = Array.from({ length: 219 }, (_, index) => ({ path: `f${index}`, state: 'mtime', mtime: '2025-01-01T00:00:00Z' }) as const)
    const damaged = [...times, { path: 'z', state: 'missing' } as const]
    const verbs = fakeVerbs({ verify: async () => ({ ...result, damaged, wrongFiles: { least: 1, most: 1 } }) })
    const world = new FakeWorld()
    expect(await run(['verify', 'a.torrent', 'app'], world, verbs)).toBe(5)
    const lines = world.out.trimEnd().split('\n')
    expect(lines).toHaveLength(12)
    expect(lines.slice(9)).toEqual([
      'mtime f9 (should be of 2025-01-01T00:00:00Z)',
      'missing z',
      'mtime ... and 209 more; --json lists them all',
    ])
    const json = new FakeWorld()
    await run(['verify', 'a.torrent', 'app', '--json'], json, verbs)
    expect(json.records.filter(({ type }) => type === 'damage')).toHaveLength(220)
  })

  it('says of a file with another exec bit what it should be', async () => {
    const damaged = [
      { path: 'bin/run', state: 'mode', isExecutable: true },
      { path: 'data', state: 'mode', isExecutable: false },
    ] as const
    const world = new FakeWorld()
    const verbs = fakeVerbs({ verify: async () => ({ ...result, damaged, wrongFiles: { least: 2, most: 2 } }) })
    expect(await run(['verify', 'a.torrent', 'app'], world, verbs)).toBe(5)
    expect(world.out).toBe('mode bin/run (should be executable)\nmode data (should not be executable)\n')
    expect(world.err).toContain('error: 2 of 3 files are missing, damaged or of another mode.')
  })

  it('checks the part that was selected, and says so', async () => {
    const asked: VerifyRequest[] = []
    const verbs = fakeVerbs({
      async verify(request, events) {
        asked.push(request)
        events.emit('done', { ...sampleDone, isPart: true })
        return { ...result, isPart: true }
      },
    })
    const world = new FakeWorld()
    expect(await run(['verify', 'a.torrent', 'app', '--select', '*.deb', '--select', 'lib/'], world, verbs)).toBe(0)
    expect(asked).toMatchObject([{ select: ['*.deb', 'lib/'] }])
    expect(world.err).toContain('what is selected of app is whole: 256 MiB checked')
    const unchecked = { path: 'a', state: 'unchecked', sharesPieceWith: ['d'], sharers: 1 } as const
    const other = new FakeWorld()
    const inPart = fakeVerbs({ verify: async () => ({ ...result, isPart: true, damaged: [unchecked] }) })
    expect(await run(['verify', 'a.torrent', 'app', '--select', 'a'], other, inPart)).toBe(5)
    expect(other.out).toBe('unchecked a (shares a piece with d, which is missing, of another length or not selected)\n')
    expect(other.err).toContain('error: Nothing wrong was found, but 1 file could not be checked.')
  })

  it('names what is not in the torrent, which is not what was published either', async () => {
    const extra = [
      { path: 'notes\n', state: 'extra' },
      { path: 'old/', state: 'extra' },
    ] as const
    const world = new FakeWorld()
    expect(await run(['verify', 'a.torrent', 'app'], world, fakeVerbs({ verify: async () => ({ ...result, damaged: extra }) }))).toBe(5)
    expect(world.out).toBe('extra notes\\x0a\nextra old/\n')
    expect(world.err).toContain('error: Every file is right, but 2 entries are there that are not in the torrent.')
    expect(world.err).toContain('hint: Move away what is not in the torrent; fetch --overwrite would delete it.')
    const both = fakeVerbs({
      verify: async () => ({ ...result, damaged: [{ path: 'a', state: 'missing' }, extra[1]], wrongFiles: { least: 1, most: 1 } }),
    })
    const other = new FakeWorld()
    await run(['verify', 'a.torrent', 'app'], other, both)
    expect(other.err).toContain('error: 1 of 3 files is missing or damaged, and 1 entry is there that is not in the torrent.')
  })
})
