import { describe, expect, it } from 'vitest'
import { releaseName, releasePlace } from '../../src/store/release-name.ts'

const hash = 'c12fe1c06bba254a9dc9f519b335aa7c1367a88a'

describe('the place of a release', () => {
  it('is a folder called after the torrent and its info-hash', () => {
    expect(releaseName('app', hash)).toBe('app-c12fe1c06bba')
    expect(releasePlace('/srv', { name: 'app', isSingleFile: false }, hash)).toEqual({
      name: 'app-c12fe1c06bba',
      outDir: '/srv',
      targetName: 'app-c12fe1c06bba',
    })
  })

  it('holds a single file under its own name', () => {
    expect(releasePlace('/srv', { name: 'app.tar', isSingleFile: true }, hash)).toEqual({
      name: 'app.tar-c12fe1c06bba',
      outDir: '/srv/app.tar-c12fe1c06bba',
      targetName: 'app.tar',
    })
  })

  it('is refused when its name is unsafe or too long', () => {
    expect(() => releasePlace('/srv', { name: 'n'.repeat(242), isSingleFile: false }, hash)).not.toThrow()
    for (const name of ['n'.repeat(243), '../x', 'a\u0000b']) {
      expect(() => releasePlace('/srv', { name, isSingleFile: false }, hash)).toThrow(expect.objectContaining({ code: 'PATH_REFUSED' }))
    }
  })
})
