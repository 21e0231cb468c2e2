import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { contentUrl, encodePath } from '../../../src/web-seed/http/content-urls.ts'
import { folder, singleFile } from '../support/sample-content.ts'

const single = singleFile('release 1.bin', 10).content
const tree = folder('tree', [
  ['a', 1],
  ['sub/b', 1],
]).content

/** What a file may be called: no slash, and nothing that is no text; `.` and `..` are refused before. */
const element = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/\p{Cs}/u.test(text) && !/[/\0]|^\.\.?$/.test(text)),
  fc.constantFrom('a b', '#', '?x=1', '100%', 'a+b', 'a&b', 'a;b', 'a%2fb', '%2e%2e', 'größe', '日本', "!'()*", '\\', ':', '@', '[1]'),
)

describe('the URL of a file below a web seed', () => {
  test.each([
    ['http://m.example/dir/', 'http://m.example/dir/release%201.bin'],
    ['http://m.example/', 'http://m.example/release%201.bin'],
    ['http://m.example', 'http://m.example/release%201.bin'],
    ['http://m.example/dir/other', 'http://m.example/dir/other'],
    ['http://m.example/dir/other?signature=a%2Fb&n=1', 'http://m.example/dir/other?signature=a%2Fb&n=1'],
    ['http://m.example/a%20b#here', 'http://m.example/a%20b'],
  ])('of a single file at %s is %s', (base, url) => {
    expect(contentUrl(new URL(base), single, 0).href).toBe(url)
  })

  test.each([
    ['http://m.example', 0, 'http://m.example/tree/a'],
    ['http://m.example/dir', 1, 'http://m.example/dir/tree/sub/b'],
    ['http://m.example/dir/', 1, 'http://m.example/dir/tree/sub/b'],
  ])('of a file in a folder at %s names the folder first', (base, index, url) => {
    expect(contentUrl(new URL(base), tree, index).href).toBe(url)
  })

  test('names the folder of a torrent that is a folder with one file', () => {
    const { content } = folder('one', [['only', 1]])
    expect(contentUrl(new URL('http://m.example/'), content, 0).href).toBe('http://m.example/one/only')
  })

  test('encodes each element once', () => {
    expect(encodePath(['a b', '#?%', '+&;', 'a%2fb', 'größe', "!'()*", 'A-z_0.9~'])).toBe(
      'a%20b/%23%3F%25/%2B%26%3B/a%252fb/gr%C3%B6%C3%9Fe/%21%27%28%29%2A/A-z_0.9~',
    )
  })

  test('decodes to the path that it was made of, element by element', () => {
    fc.assert(
      fc.property(fc.array(element, { minLength: 1, maxLength: 6 }), element, (path, name) => {
        const { info } = folder(name, [['x', 1]]).content
        const [file] = info.files
        const content = { infoHash: new Uint8Array(20), info: { ...info, files: file === undefined ? [] : [{ ...file, path }] } }
        const url = contentUrl(new URL('https://m.example/base/'), content, 0)
        expect(url.pathname.split('/').map(decodeURIComponent)).toEqual(['', 'base', name, ...path])
        expect(url.search + url.hash).toBe('')
      }),
    )
  })
})
