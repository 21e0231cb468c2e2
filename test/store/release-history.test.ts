import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { afterSwitch, mayBeCompleted, type Release, readHistory, writeHistory } from '../../src/store/release-history.ts'
import { surplusReleases } from '../../src/store/remove-releases.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const release = (name: string, infoHash: string | null = 'a'.repeat(40)): Release => ({ name, title: name, infoHash, bytes: 1 })
const namesOf = (releases: readonly Release[]): string[] => releases.map(({ name }) => name)

describe('the history of a folder of releases', () => {
  it('is read as it was written, and empty where there is none', async () => {
    const dir = await temporaryFolder()
    expect(await readHistory(dir)).toEqual([])
    const releases = [release('a'), release('b', null)]
    await writeHistory(dir, releases)
    expect(await readHistory(dir)).toEqual(releases)
    expect(await readdir(dir)).toEqual(['.current.distro-history'])
  })

  it.each([
    ['no JSON', '{'],
    ['no list', '{"releases":1}'],
    ['a name that leads elsewhere', '{"releases":[{"name":"../x","title":"x","infoHash":null,"bytes":null}]}'],
    ['the folder itself', '{"releases":[{"name":".","title":"x","infoHash":null,"bytes":null}]}'],
    ['half a hash', '{"releases":[{"name":"x","title":"x","infoHash":"aa","bytes":1}]}'],
    ['a size below nothing', '{"releases":[{"name":"x","title":"x","infoHash":null,"bytes":-1}]}'],
    ['a part that is none', '{"releases":[{"name":"x","title":"x","infoHash":null,"bytes":1,"isPart":0}]}'],
    ['more than can be', ' '.repeat(2 ** 20 + 1)],
  ])('is refused when it holds %s', async (_what, text) => {
    const dir = await temporaryFolder()
    await writeFile(join(dir, '.current.distro-history'), text)
    await expect(readHistory(dir)).rejects.toMatchObject({ code: 'DISK_FAILED', message: expect.stringContaining('not what distro wrote') })
  })

  it('says which release may get what it lacks: one that was put there in part, or that it does not know', async () => {
    const dir = await temporaryFolder()
    await writeHistory(dir, [release('whole'), { ...release('part'), isPart: true }])
    expect(await readHistory(dir)).toMatchObject([{ name: 'whole' }, { name: 'part', isPart: true }])
    expect(await Promise.all(['whole', 'part', 'unknown'].map((name) => mayBeCompleted(dir, name)))).toEqual([false, true, true])
  })

  it('is refused when it is no file', async () => {
    const dir = await temporaryFolder()
    await mkdir(join(dir, '.current.distro-history'))
    await expect(readHistory(dir)).rejects.toMatchObject({ code: 'DISK_FAILED' })
  })

  it('names what was current right before what is', () => {
    const [a, b, c] = [release('a'), release('b'), release('c')]
    expect(namesOf(afterSwitch([], undefined, a))).toEqual(['a'])
    expect(namesOf(afterSwitch([a, b], b, c))).toEqual(['a', 'b', 'c'])
    expect(namesOf(afterSwitch([a, b], a, c))).toEqual(['b', 'a', 'c'])
    expect(namesOf(afterSwitch([a, b, c], c, a))).toEqual(['b', 'c', 'a'])
    expect(namesOf(afterSwitch([a, b], b, b))).toEqual(['a', 'b'])
  })

  it('gives up the oldest of any, never the current one, the one before it, or what distro did not put there', () => {
    const names = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(names, fc.nat(), fc.integer({ min: 0, max: 9 }), fc.nat(), (all, place, keep, foreign) => {
        const releases = all.map((name, index) => release(name, index === foreign % 9 ? null : 'a'.repeat(40)))
        const at = place % all.length
        const current = all[at] as string
        const surplus = namesOf(surplusReleases(releases, current, keep))
        const spared = new Set([current, all[at - 1], all[foreign % 9], ...all.slice(Math.max(0, all.length - keep))])
        expect(surplus).toEqual(all.filter((name) => !spared.has(name)))
      }),
    )
  })
})
