import { describe, expect, it } from 'vitest'
import { checkPublishedUrl } from '../../../src/app/torrents/check-published-url.ts'

describe('the URL of a web seed that is published', () => {
  it.each(['https://b.example/f', 'http://b.example/', 'https://b.example/f?version=3&response-content-type=a'])('may be %s', (url) => {
    expect(() => checkPublishedUrl(url)).not.toThrow()
  })

  it.each(['/srv/files', 's3://bucket/', 'bep17+https://b.example/seed', 'ftp://b.example/'])('must not be %s', (url) => {
    expect(() => checkPublishedUrl(url)).toThrow(expect.objectContaining({ code: 'USAGE' }))
  })

  it('holds no user and no password', () => {
    expect(() => checkPublishedUrl('https://user:hidden@b.example/f')).toThrow(
      expect.objectContaining({ code: 'USAGE', message: expect.not.stringContaining('hidden') }),
    )
  })

  it.each(
    [
      ['X-Amz-Signature', 'x-amz-signature', 'X-Amz-Credential', 'X-Amz-Security-Token', 'AWSAccessKeyId', 'X-Goog-Signature'],
      ['Signature', 'sig', 'SIG', 'Key-Pair-Id', 'token', 'access_token', 'private_token', 'api_key', 'password'],
    ].flat(),
  )('holds no %s in its query', (name) => {
    expect(() => checkPublishedUrl(`https://b.example/f?version=3&${name}=hidden`)).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        message: `The web seed at b.example has a "${name}" in its query, and everybody can read a torrent.`,
        hint: expect.stringContaining('--web-seed'),
      }),
    )
  })

  it('holds none that is written with escapes either', () => {
    expect(() => checkPublishedUrl('https://b.example/f?%74oken=hidden')).toThrow(expect.objectContaining({ code: 'USAGE' }))
  })
})
