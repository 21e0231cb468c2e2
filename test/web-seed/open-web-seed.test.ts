import { describe, expect, test } from 'vitest'
import { openSeed } from './support/open-seed.ts'
import { folder, singleFile } from './support/sample-content.ts'

const single = singleFile('file', 10)
const tree = folder('tree', [['a', 10]])

describe('what a web seed may be', () => {
  test.each([
    ['https://user:secret@m.example/a?token=secret', 'https://m.example/a?...'],
    [' http://m.example ', 'http://m.example/'],
    ['bep17+https://m.example/seed.php', 'bep17+https://m.example/seed.php'],
    ['/srv/mirror/', '/srv/mirror'],
    ['./mirror', '/srv/mirror'],
    ['..', '/'],
    ['file:///srv/a%20b', '/srv/a b'],
  ])('for the operator: %s, which is shown as %s', (text, label) => {
    expect(openSeed(text, single, { cwd: '/srv' }).label).toBe(label)
  })

  test.each(['torrent', 'magnet'] as const)('for a %s: a URL of http or https', (namedBy) => {
    expect(openSeed('https://m.example/?token=secret', single, { namedBy }).label).toBe('https://m.example/?...')
    expect(openSeed('bep17+http://m.example/x', tree, { namedBy }).label).toBe('bep17+http://m.example/x')
  })

  test.each([
    'm.example',
    'mirror',
    '',
    'ftp://m.example/',
    'file://other-host/x',
    'https://',
    'http://m.example:0/',
    'javascript:alert(1)',
    'bep17+/srv',
  ])('for nobody: %j', (text) => {
    expect(() => openSeed(text, single)).toThrow(expect.objectContaining({ code: 'USAGE' }))
    expect(() => openSeed(text, single, { namedBy: 'torrent' })).toThrow(expect.objectContaining({ code: 'TORRENT_INVALID' }))
  })

  test.each([
    ['rel/v1', './rel/v1'],
    ['mirror', './mirror'],
    ['user:pw@mirror', './folder'],
    ['a?secret', './folder'],
  ])('for nobody: %s, which may be meant to be %s', (text, folder) => {
    expect(() => openSeed(text, single)).toThrow(
      expect.objectContaining({ hint: expect.stringMatching(new RegExp(`such as ${folder}\\.$`)) }),
    )
  })

  test.each(['/srv/mirror', './mirror', 'file:///etc', 's3://bucket/', 'https://user:secret@m.example/', 'https://user@m.example/'])(
    'for nobody but the operator: %s',
    (text) => {
      const open = (): unknown => openSeed(text, single, { namedBy: 'magnet', env: { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' } })
      expect(open).toThrow(expect.objectContaining({ code: 'MAGNET_INVALID', message: expect.not.stringContaining('secret') }))
    },
  )

  test('for a folder: no URL with a query, behind which no name fits', () => {
    expect(() => openSeed('https://m.example/?token=secret', tree)).toThrow(
      expect.objectContaining({ code: 'USAGE', message: expect.not.stringContaining('secret') }),
    )
  })

  test('for nobody: anything through a proxy that is none', () => {
    expect(() => openSeed('https://m.example/', single, { env: { HTTPS_PROXY: 'socks5://p' } })).toThrow(
      expect.objectContaining({ code: 'USAGE' }),
    )
  })
})
