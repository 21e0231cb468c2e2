import { describe, expect, test } from 'vitest'
import { mayDial, scopeOf } from '../../src/base/network-scope.ts'

const nobody = [
  '0.0.0.0',
  '0.1.2.3',
  '169.254.169.254',
  '224.0.0.1',
  '239.192.152.143',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::ffff:10.0.0.1',
  '::127.0.0.1',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
  'localhost',
  '',
  '1.2.3',
  '01.2.3.4',
]
const onThisHost = ['127.0.0.1', '127.255.255.254', '::1']
const inside = ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', '169.254.1.1', 'fd00::2', 'fc00::1']
const outside = ['1.1.1.1', '172.32.0.1', '172.15.0.1', '100.128.0.1', '192.169.0.1', '2606:4700::1111', '223.255.255.254']

describe('mayDial', () => {
  test.each(nobody)('never dials %s', (host) => {
    expect(mayDial({ host, port: 6881 }, 'host')).toBe(false)
  })

  test.each(onThisHost)('dials %s only within this host', (host) => {
    expect(dialledIn(host)).toEqual(['host'])
  })

  test.each(inside)('dials %s within a private network and within this host', (host) => {
    expect(dialledIn(host)).toEqual(['private', 'host'])
  })

  test.each(outside)('dials %s anywhere', (host) => {
    expect(dialledIn(host)).toEqual(['public', 'private', 'host'])
  })

  test.each([0, -1, 65_536, 1.5, Number.NaN])('never dials port %s', (port) => {
    expect(mayDial({ host: '1.1.1.1', port }, 'host')).toBe(false)
  })
})

describe('scopeOf', () => {
  test('is that of the address which reaches least far', () => {
    expect(scopeOf([])).toBe('public')
    expect(scopeOf(['1.1.1.1', 'router.example'])).toBe('public')
    expect(scopeOf(['1.1.1.1', '10.0.0.1'])).toBe('private')
    expect(scopeOf(['10.0.0.1', '127.0.0.1'])).toBe('host')
    expect(scopeOf(['localhost'])).toBe('host')
    expect(scopeOf(['::1'])).toBe('host')
  })
})

function dialledIn(host: string): string[] {
  return (['public', 'private', 'host'] as const).filter((scope) => mayDial({ host, port: 6881 }, scope))
}
