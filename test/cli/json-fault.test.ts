import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonFault } from '../../src/cli/json-fault.ts'

describe('jsonFault', () => {
  it.each([
    ['', 'line 1 ends where a value must stand'],
    ['{\n  "port": 1,\n}', 'line 3 has "}" where a name in double quotes must stand'],
    ["{\n  'port': 1\n}", 'line 2 has "\'port\'" where a name in double quotes or "}" must stand'],
    ['{\n  "port" 1 }', 'line 2 has "1" where ":" must stand'],
    ['{ "port": 1\n  "dht": true }', 'line 2 has "\\"dht\\"" where "," or "}" must stand'],
    ['{ "port": 1 // mine\n}', 'line 1 has "//" where "," or "}" must stand'],
    ['{ "peer": ["a", ] }', 'line 1 has "]" where a value must stand'],
    ['{ "peer": ["a"', 'line 1 ends where "," or "]" must stand'],
    ['{ "up-limit": 20M }', 'line 1 has "M" where "," or "}" must stand'],
    ['{ "out": yes }', 'line 1 has "yes" where a value must stand'],
    ['{} {}', 'line 1 has "{" where nothing must stand'],
  ])('says of %j where it breaks', (text, fault) => {
    expect(jsonFault(text)).toBe(fault)
  })

  it('finds a fault where JSON.parse does, and nowhere else', () => {
    const word = fc.constantFrom(
      ...'{}[],:"\\ \n'.split(''),
      '"a"',
      '"\\u00e9"',
      '1',
      '-',
      '01',
      '1.5e3',
      'true',
      'nul',
      '\u007f',
      '"\u0085"',
      '\t',
    )
    const text = fc.oneof(
      fc.json(),
      fc.array(word, { maxLength: 9 }).map((words) => words.join('')),
      fc.string(),
    )
    fc.assert(
      fc.property(text, (json) => {
        let parses = true
        try {
          JSON.parse(json)
        } catch {
          parses = false
        }
        expect(jsonFault(json) === undefined).toBe(parses)
      }),
      { numRuns: 500 },
    )
  })
})
