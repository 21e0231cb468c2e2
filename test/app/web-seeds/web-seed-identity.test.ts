import { describe, expect, it } from 'vitest'
import { webSeedIdentity } from '../../../src/app/web-seeds/web-seed-identity.ts'

describe('the identity of a web seed', () => {
  it.each([
    ['https://m.example', 'HTTPS://M.example:443/', 'https://user:pw@m.example/', 'https://m.example/?', ' https://m.example/#top'],
    ['http://m.example/a/', 'http://m.example:80/b/../a/'],
    ['https://m.example/f?sig=1', 'https://M.example/f?sig=1'],
    ['bep17+https://m.example', 'bep17+https://M.example:443/'],
    ['/srv/a', './a', '/srv/a/', '../srv/a', 'file:///srv/a', 'FILE:/srv/x/../a/'],
    ['s3://bucket', 's3://bucket/', 'S3://bucket/'],
  ])('is that of %s', (...texts) => {
    expect(new Set(texts.map((text) => webSeedIdentity(text, '/srv'))).size).toBe(1)
  })

  it.each([
    ['https://m.example/', 'http://m.example/', 'https://m.example:8443/', 'https://m.example/a', 'bep17+https://m.example/'],
    ['https://m.example/f?sig=1', 'https://m.example/f?sig=2', 'https://m.example/f'],
    ['s3://bucket/a', 's3://bucket/a/', 's3://bucket/b/../a', 's3://bucket/%61', 's3://bucket/'],
    ['no URL', 'no other'],
  ])('tells %s from others', (...texts) => {
    expect(new Set(texts.map((text) => webSeedIdentity(text, '/srv'))).size).toBe(texts.length)
  })
})
