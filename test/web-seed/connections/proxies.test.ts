import { describe, expect, test } from 'vitest'
import { readProxies } from '../../../src/web-seed/connections/proxies.ts'

const env = {
  HTTP_PROXY: 'plain.example:3128',
  HTTPS_PROXY: 'http://u:p@secure.example:3129',
  NO_PROXY: 'in.example, .corp.example,*.lab.example 10.0.0.9,o.example:81',
}

describe('the proxies of the environment', () => {
  test.each([
    ['http://mirror.example/', 'http://plain.example:3128/'],
    ['https://mirror.example/', 'http://u:p@secure.example:3129/'],
    ['http://in.example/', undefined],
    ['http://sub.in.example/', undefined],
    ['http://notin.example/', 'http://plain.example:3128/'],
    ['http://corp.example/', undefined],
    ['http://a.b.corp.example/', undefined],
    ['http://x.lab.example/', undefined],
    ['http://10.0.0.9:8080/', undefined],
    ['http://10.0.0.90/', 'http://plain.example:3128/'],
    ['http://o.example:81/', undefined],
    ['http://o.example/', 'http://plain.example:3128/'],
    ['http://localhost/', undefined],
    ['http://127.0.0.1/', undefined],
    ['http://[::1]/', undefined],
  ])('send %s through %s', (url, proxy) => {
    expect(readProxies(env).proxyFor(new URL(url))?.href).toBe(proxy)
  })

  test('are none where none is named, or where nothing goes through them', () => {
    expect(readProxies({}).proxyFor(new URL('http://m.example/'))).toBeUndefined()
    expect(readProxies({ ...env, NO_PROXY: '*' }).proxyFor(new URL('http://m.example/'))).toBeUndefined()
  })

  test('may be one for all, and names in lower case win', () => {
    expect(readProxies({ ALL_PROXY: 'http://all.example/' }).proxyFor(new URL('https://m.example/'))?.host).toBe('all.example')
    expect(readProxies({ http_proxy: 'a.example', HTTP_PROXY: 'b.example' }).proxyFor(new URL('http://m.example/'))?.host).toBe('a.example')
  })

  test.each(['socks5://p.example:1080', 'http://', 'ftp://p.example'])(
    'that are no http or https URL are refused, without a word of what they hold: %s',
    (proxy) => {
      expect(() => readProxies({ HTTPS_PROXY: proxy })).toThrow(
        expect.objectContaining({ code: 'USAGE', message: 'The proxy that HTTPS_PROXY names is not an http or https URL.' }),
      )
    },
  )
})
