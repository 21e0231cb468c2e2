import { mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeEntries } from '../../src/store/make-entries.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

describe('the entries of a tree that hold no bytes', () => {
  it('are made beside what is there already, and may be made twice', async () => {
    const root = await temporaryFolder()
    for (let time = 0; time < 2; time++) await makeEntries(root, ['', 'a', 'a/b'], new Map([['a/l', 'b']]))
    expect(readdirSync(root, { recursive: true }).sort()).toEqual(['a', 'a/b', 'a/l'])
    expect(readlinkSync(join(root, 'a/l'))).toBe('b')
  })

  it('are never made through a link that somebody put where a folder should be', async () => {
    const root = await temporaryFolder()
    const outside = await temporaryFolder()
    symlinkSync(outside, join(root, 'a'))
    await expect(makeEntries(root, ['', 'a', 'a/b'], new Map([['a/l', 'b']]))).rejects.toMatchObject({ code: 'PATH_REFUSED' })
    expect(readdirSync(outside)).toEqual([])
  })

  it('replace a link that leads elsewhere, and not what it leads to', async () => {
    const root = await temporaryFolder()
    const outside = join(await temporaryFolder(), 'file')
    writeFileSync(outside, 'precious')
    symlinkSync(outside, join(root, 'l'))
    await makeEntries(root, [''], new Map([['l', 'a']]))
    expect(readlinkSync(join(root, 'l'))).toBe('a')
    expect(readFileSync(outside, 'utf8')).toBe('precious')
  })

  it('do not replace a folder with a link', async () => {
    const root = await temporaryFolder()
    mkdirSync(join(root, 'l/full'), { recursive: true })
    await expect(makeEntries(root, [''], new Map([['l', 'a']]))).rejects.toMatchObject({ code: 'DISK_FAILED' })
    expect(readdirSync(join(root, 'l'))).toEqual(['full'])
  })
})
