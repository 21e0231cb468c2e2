import { describe, expect, test } from 'vitest'
import { firstRules, mayAsk, reachOf, reasonNotToAsk, redirectRules } from '../../../src/web-seed/connections/address-rules.ts'
import type { NamedBy } from '../../../src/web-seed/web-seed.ts'

const insideAddresses = [
  '127.0.0.1',
  '::1',
  '10.1.2.3',
  '172.16.0.1',
  '192.168.1.1',
  '100.64.0.1',
  'fd00::1',
  '::ffff:10.0.0.1',
  '::ffff:127.0.0.1',
]
const guardedAddresses = [
  '169.254.169.254',
  '169.254.1.1',
  '::ffff:169.254.169.254',
  '64:ff9b::a9fe:a9fe',
  '2002:a9fe:a9fe::1',
  'fe80::1',
  'fe80::1%eth0',
  '64:ff9b:1::a9fe:a9fe',
  '64:ff9b:1:a9fe:a9:fe00:808:808',
  '::ffff:0:a9fe:a9fe',
  '2001:0:4136:e378:8000:63bf:5601:5601',
  '2a00:1450::5efe:169.254.169.254',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
]
const nonsense = ['0.0.0.0', '::', '224.0.0.1', '255.255.255.255', 'ff02::1', '', 'localhost', '1.2.3', '0x7f.1', '2130706433']

describe('which addresses may be asked', () => {
  test.each(insideAddresses)('%s by who was sent there by the operator, or by a stranger without a query', (address) => {
    expect(mayAsk(address, rules('http://host.example/', 'operator'))).toBe(true)
    expect(mayAsk(address, rules('http://host.example/?x', 'operator'))).toBe(true)
    expect(mayAsk(address, rules('http://host.example/', 'torrent'))).toBe(true)
    expect(mayAsk(address, rules('http://host.example/?x', 'torrent'))).toBe(false)
    expect(mayAsk(address, rules('http://host.example/?x', 'magnet'))).toBe(false)
  })

  test.each(guardedAddresses)('%s by nobody who did not type it', (address) => {
    expect(mayAsk(address, rules('http://host.example/', 'operator'))).toBe(false)
    expect(mayAsk(address, rules('http://169.254.77.77/', 'operator'))).toBe(false)
    expect(mayAsk(address, rules('http://169.254.169.254/', 'torrent'))).toBe(false)
  })

  test.each(['169.254.169.254', '169.254.1.1', '168.63.129.16', 'fd00:ec2::254', 'fd00:ec2::23', 'fd20:ce::254', 'fe80::1'])(
    '%s by the operator who typed it',
    (address) => {
      const typed = address.includes(':') ? `[${address}]` : address
      expect(mayAsk(address, rules(`http://${typed}:8080/`, 'operator'))).toBe(true)
    },
  )

  test('a metadata service in the disguise of a number by the operator who typed it, and by no stranger', () => {
    expect(mayAsk('169.254.169.254', rules('http://2852039166/', 'operator'))).toBe(true)
    expect(mayAsk('169.254.169.254', rules('http://2852039166/', 'torrent'))).toBe(false)
  })

  test.each(nonsense)('%j by nobody', (address) => {
    expect(mayAsk(address, rules('http://host.example/', 'operator'))).toBe(false)
  })

  test.each(['8.8.8.8', '2001:4860:4860::8888', '::ffff:8.8.8.8'])('%s by everybody', (address) => {
    for (const namedBy of ['operator', 'torrent', 'magnet'] as const)
      expect(mayAsk(address, rules('http://host.example/?x', namedBy))).toBe(true)
  })
})

describe('a redirect', () => {
  test.each(['operator', 'torrent', 'magnet'] as const)('from outside leads nobody inside, whoever named the URL: %s', (namedBy) => {
    const next = redirectRules(rules('http://host.example/', namedBy), new URL('http://10.0.0.1/'), namedBy, 'public')
    for (const address of [...insideAddresses, ...guardedAddresses]) expect(mayAsk(address, next)).toBe(false)
    expect(mayAsk('8.8.8.8', next)).toBe(true)
  })

  test('from the network leads to the network and not to this machine', () => {
    const next = redirectRules(rules('http://10.0.0.1/', 'operator'), new URL('http://10.0.0.2/'), 'operator', 'private')
    expect([mayAsk('10.0.0.2', next), mayAsk('127.0.0.1', next)]).toEqual([true, false])
  })

  test('leads no stranger inside with a query', () => {
    const next = redirectRules(rules('http://10.0.0.1/', 'torrent'), new URL('http://10.0.0.2/?delete=all'), 'torrent', 'private')
    expect(mayAsk('10.0.0.2', next)).toBe(false)
  })

  test('leads to a metadata service only where the operator typed just that', () => {
    const typed = rules('http://169.254.169.254/', 'operator')
    expect(mayAsk('169.254.169.254', redirectRules(typed, new URL('http://169.254.169.254/x'), 'operator', 'host'))).toBe(true)
    expect(mayAsk('169.254.169.254', redirectRules(typed, new URL('http://evil.example/'), 'operator', 'host'))).toBe(false)
    expect(
      mayAsk(
        '169.254.169.254',
        redirectRules(rules('http://127.0.0.1/', 'operator'), new URL('http://169.254.169.254/'), 'operator', 'host'),
      ),
    ).toBe(false)
  })
})

test('why an address is not asked is said in words that name what would help', () => {
  const outside = redirectRules(rules('http://host.example/', 'operator'), new URL('http://10.0.0.1/'), 'operator', 'public')
  expect(reasonNotToAsk('10.0.0.1', rules('http://host.example/?x', 'torrent'))).toContain('--web-seed')
  expect(reasonNotToAsk('10.0.0.1', outside)).toContain('redirects')
  expect(reasonNotToAsk('169.254.169.254', outside)).toContain('link-local')
  expect(reasonNotToAsk('0.0.0.0', rules('http://host.example/?x', 'torrent'))).toContain('no address')
})

test.each([
  ['8.8.8.8', 'public'],
  ['::ffff:10.0.0.1', 'private'],
  ['127.0.0.1', 'host'],
  ['169.254.169.254', 'host'],
] as const)('the reach of %s is %s', (address, reach) => {
  expect(reachOf(address)).toBe(reach)
})

function rules(url: string, namedBy: NamedBy): ReturnType<typeof firstRules> {
  return firstRules(new URL(url), namedBy)
}
