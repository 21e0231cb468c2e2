import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { parseExpectedHosts } from '../../../src/app/copies/expected-hosts.ts'
import { readExpectedHosts } from '../../../src/app/copies/read-expected-hosts.ts'
import { DistroError } from '../../../src/base/errors.ts'
import { isHostName } from '../../../src/base/host-name.ts'
import { isZoneName } from '../../../src/base/zone-name.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

function parsed(text: string) {
  return parseExpectedHosts(text, 'hosts.txt')
}

describe('a list of hosts', () => {
  it('has one a line, with its zone if that is said, and room for comments', () => {
    const text = '\ufeff# the fleet\r\nweb-1\r\n\n  web-2\track-a  \nweb-3 rack-b # the new one\n\t# nothing\nweb#4'
    expect(parsed(text)).toEqual([
      { name: 'web-1' },
      { name: 'web-2', zone: 'rack-a' },
      { name: 'web-3', zone: 'rack-b' },
      { name: 'web#4' },
    ])
  })

  it('may name each host that there can be, in quotes where there are blanks', () => {
    expect(parsed(' "Rechner Köln 3" rack-a # der neue\n"#1" # one\n"d')).toEqual([
      { name: 'Rechner Köln 3', zone: 'rack-a' },
      { name: '#1' },
      { name: '"d' },
    ])
    const names = fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 8 }).filter(isHostName)
    fc.assert(
      fc.property(names, (name) => {
        expect(parsed(`${JSON.stringify(name)} rack-7 # x`)).toEqual([{ name, zone: 'rack-7' }])
      }),
    )
  })

  test.each([
    ['"web 1" rack-7 row-2', 'hosts.txt, line 1: there is more than a name and a zone.'],
    ['""', 'hosts.txt, line 1: what stands there is not the name of a host.'],
    ['" web"', 'hosts.txt, line 1: what stands there is not the name of a host.'],
    ['web-1\n\nweb-2\nweb-1', 'hosts.txt, line 4: the host web-1 is on line 1 already.'],
    ['web-1\nweb-\u202e2', 'hosts.txt, line 2: what stands there is not the name of a host.'],
    [`web-1\n${'x'.repeat(65)}`, 'hosts.txt, line 2: what stands there is not the name of a host.'],
    ['web-1 rack,7', 'hosts.txt, line 1: what follows web-1 is not the name of a zone.'],
    ['web-1 subnet', 'hosts.txt, line 1: what follows web-1 is not the name of a zone.'],
    ['web-1 rack-7 row-2', 'hosts.txt, line 1: there is more than a name and a zone.'],
    ['# nobody\n\n', 'hosts.txt names no host.'],
  ])('%j is refused', (text, message) => {
    expect(() => parsed(text)).toThrow(expect.objectContaining({ code: 'USAGE', message }))
  })

  it('of whatever text is refused, or holds names that differ', () => {
    const unit = fc.constantFrom('a', 'b', ' ', '\t', '\n', '#', 'ü', '\u0000', '\r', '-')
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 60 }), (text) => {
        try {
          const hosts = parsed(text)
          expect(new Set(hosts.map(({ name }) => name)).size).toBe(hosts.length)
          for (const { name, zone } of hosts) expect(isHostName(name) && (zone === undefined || isZoneName(zone))).toBe(true)
        } catch (error) {
          if (!(error instanceof DistroError)) throw error
        }
      }),
    )
  })
})

describe('the file of a list', () => {
  const never = new AbortController().signal

  it('is read', async () => {
    const path = join(await temporaryFolder(), 'hosts.txt')
    await writeFile(path, 'wëb-1\n')
    expect(await readExpectedHosts({ path }, never)).toEqual([{ name: 'wëb-1' }])
  })

  it('must be there, be text, and be a file', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'hosts.txt')
    await expect(readExpectedHosts({ path }, never)).rejects.toMatchObject({ code: 'INPUT_MISSING' })
    await expect(readExpectedHosts({ path: folder }, never)).rejects.toMatchObject({
      code: 'USAGE',
      message: `${folder} is a directory, and no list of hosts.`,
    })
    await writeFile(path, Uint8Array.of(0xff))
    await expect(readExpectedHosts({ path }, never)).rejects.toMatchObject({ code: 'USAGE', message: `${path} is not UTF-8 text.` })
  })
})
