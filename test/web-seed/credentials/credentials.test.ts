import { describe, expect, test } from 'vitest'
import { authorizationVariable, authorizeWith } from '../../../src/web-seed/credentials/credentials.ts'
import type { NamedBy } from '../../../src/web-seed/web-seed.ts'

const netrc = [
  { machine: 'mirror.example', login: 'net', password: 'rc' },
  { machine: undefined, login: 'any', password: 'one' },
]

function sent(base: string, namedBy: NamedBy = 'operator', env: Record<string, string> = {}, to = base): string | undefined {
  const { authorization } = authorizeWith(new URL(base), namedBy, { env, netrc })(new URL(to), {})
  return authorization?.startsWith('Basic ') ? Buffer.from(authorization.slice(6), 'base64').toString() : authorization
}

describe('credentials', () => {
  test('come from the URL that the operator named', () => {
    expect(sent('https://us%3Aer:p%40ss@mirror.example/')).toBe('us:er:p@ss')
  })

  test('come from netrc, by host and by default', () => {
    expect(sent('http://mirror.example/')).toBe('net:rc')
    expect(sent('http://other.example/')).toBe('any:one')
  })

  test('come from the variable of the host before all else', () => {
    const env = { DISTRO_WEB_SEED_AUTH_MIRROR_EXAMPLE: 'Bearer token' }
    expect(sent('https://user:pass@mirror.example/', 'operator', env)).toBe('Bearer token')
  })

  test.each([
    ['https://my-mirror.example/', 'DISTRO_WEB_SEED_AUTH_MY__MIRROR_EXAMPLE'],
    ['http://10.0.0.1:8080/', 'DISTRO_WEB_SEED_AUTH_10_0_0_1_8080'],
    ['https://[fd00::1]/', 'DISTRO_WEB_SEED_AUTH__FD00_1_'],
  ])('for %s are in the variable %s', (url, name) => {
    expect(authorizationVariable(new URL(url))).toBe(name)
  })

  test.each(['https://elsewhere.example/', 'http://mirror.example/', 'https://mirror.example:8443/'])(
    'never go to another origin: %s',
    (to) => {
      expect(sent('https://user:pass@mirror.example/', 'operator', {}, to)).toBeUndefined()
    },
  )

  test.each(['torrent', 'magnet'] as const)('go to the origin that a %s named over https only, and never by default', (namedBy) => {
    expect(sent('https://mirror.example/', namedBy)).toBe('net:rc')
    expect(sent('http://mirror.example/', namedBy)).toBeUndefined()
    expect(sent('https://other.example/', namedBy)).toBeUndefined()
    expect(sent('https://user:pass@other.example/', namedBy)).toBeUndefined()
  })

  test.each(['torrent', 'magnet'] as const)('do not go along with a query that a %s made up', (namedBy) => {
    const env = { DISTRO_WEB_SEED_AUTH_MIRROR_EXAMPLE: 'Bearer token' }
    expect(sent('https://mirror.example/f', namedBy, env)).toBe('Bearer token')
    expect(sent('https://mirror.example/f?delete=all', namedBy, env)).toBeUndefined()
    expect(sent('https://mirror.example/f?delete=all', namedBy)).toBeUndefined()
    expect(sent('https://mirror.example/f?signed=1', 'operator', env)).toBe('Bearer token')
  })
})
