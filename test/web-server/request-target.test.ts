import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readTarget } from '../../src/web-server/request-target.ts'

describe('the target of a request', () => {
  test.each([
    ['/', ['']],
    ['/a', ['a']],
    ['/a/b.bin', ['a', 'b.bin']],
    ['/a/', ['a', '']],
    ['/a%20b/c%23d%3Fe', ['a b', 'c#d?e']],
    ['/100%25%41', ['100%A']],
    ['/%2541', ['%41']],
    ['/a+b', ['a+b']],
    ['/%C3%BC', ['ü']],
    ['/a%2Fb', ['a/b']],
    ['/../etc', ['..', 'etc']],
    ['//a', ['', 'a']],
    ['/a?b=/c%', ['a']],
    ['/?', ['']],
    ['http://host:8080/a', ['a']],
    ['HTTPS://host?a', ['']],
    ['http://host', ['']],
  ])('%s is %j', (target, elements) => {
    expect(readTarget(target)).toEqual(elements)
  })

  test.each(['', 'a', '*', 'host:80', '/%', '/%4', '/%zz', '/%ff', '/%C3', '/a#b', '/a b', '/ü', '/a\u0000', 'ftp://host/a'])(
    '%j is refused',
    (target) => {
      expect(readTarget(target)).toEqual(target === '' ? [''] : undefined)
    },
  )

  test('is read back as what a client encoded', () => {
    const element = fc.string({ unit: 'grapheme', minLength: 1 })
    fc.assert(
      fc.property(fc.array(element, { minLength: 1 }), (elements) => {
        expect(readTarget(`/${elements.map(encodeURIComponent).join('/')}`)).toEqual(elements)
      }),
    )
  })

  test('is read or refused, and nothing is thrown', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void readTarget(`/${text}`)))
  })
})
