import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkPathElement, type PathRules, PathTree } from '../../src/torrent/safe-path.ts'
import { cpuTimeMs } from '../support/cpu-time.ts'

const refusal = (message: string | RegExp) => expect.objectContaining({ code: 'PATH_REFUSED', message: expect.stringMatching(message) })

function treeOf(paths: readonly string[], rules: PathRules = {}): PathTree {
  const tree = new PathTree(rules, 4, (index) => `info.files[${index}].path`)
  for (const [index, path] of paths.entries()) tree.add(path.split('/'), index)
  return tree
}

describe('checkPathElement', () => {
  it.each([
    'a',
    'file.txt',
    '.gitignore',
    '...x',
    'a b',
    'Ünï',
    '日本語.txt',
    '👩‍👩‍👧.png',
    'ab:c',
    'Foo::Bar.3pm',
    'what?',
    '-rf',
    '~',
    '$(touch x);',
    'x'.repeat(255),
  ])('accepts %j', (name) => {
    expect(() => checkPathElement(name, 'info.name')).not.toThrow()
  })

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('takes %j for a plain name', (name) => {
    expect(() => treeOf([name, `folder/${name}`])).not.toThrow()
  })

  it.each([
    ['', 'cannot be empty'],
    ['.', 'names another folder'],
    ['..', 'names another folder'],
    ['/', 'path separator'],
    ['/etc', 'path separator'],
    ['a/b', 'path separator'],
    ['a\0b', 'what no file name can hold'],
    ['\ud800', 'what no file name can hold'],
    ['x'.repeat(256), 'it is 256 bytes long, more than 255'],
    ['ü'.repeat(128), 'it is 256 bytes long, more than 255'],
  ])('refuses %j whatever the rules', (name, reason) => {
    for (const takesPosixNames of [false, true]) {
      expect(() => checkPathElement(name, 'info.name', { takesPosixNames })).toThrow(refusal(`^info\\.name is .*${reason}`))
    }
  })

  it.each([
    ...['CON', 'con', 'aux.txt', 'AUX .h', 'LPT1', 'com9.tar.gz', 'COM¹', 'CONIN$', 'nul:x', 'name.', 'name ', '...', 'c:x'].map(
      (name): [string, string] => [name, 'Windows'],
    ),
    ['..\\x', 'path separator'],
    ['\\\\host\\share', 'path separator'],
    ['C:', 'it is a drive'],
    ['C:\\x', 'path separator'],
    ['a\nb', 'control characters'],
    ['\x1b[31m', 'control characters'],
    ['a\x7f', 'control characters'],
    ['a\x9b', 'control characters'],
    ['exe.\u202etxt', 'control characters or marks'],
    ['\u2066x', 'control characters or marks'],
    ['x\u2028y', 'control characters or marks'],
  ])('refuses %j unless every name of POSIX is taken', (name, reason) => {
    expect(() => checkPathElement(name, 'info.name')).toThrow(refusal(reason))
    expect(() => checkPathElement(name, 'info.name', { takesPosixNames: true })).not.toThrow()
  })

  it.each(['CONSOLE', 'aux1', 'auxiliary.txt', 'com', 'com10', 'nulls', 'lpt'])('accepts %j, which only resembles a device', (name) => {
    expect(() => checkPathElement(name, 'info.name')).not.toThrow()
  })

  it('shows a hostile name so that it cannot do harm', () => {
    expect(() => checkPathElement('a\x1b]0;x\x07/"', 'info.name')).toThrow(
      refusal('^info\\.name is "a\\\\u\\{1b\\}\\]0;x\\\\u\\{7\\}/\\\\""'),
    )
    expect(() => checkPathElement('y'.repeat(1_000_000), 'info.name')).toThrow(refusal(`^info\\.name is "y{80}\\.\\.\\."`))
  })
})

describe('PathTree', () => {
  it('accepts trees of many files and folders', () => {
    expect(() => treeOf(['a', 'b/a', 'b/b', 'c/b/a', 'b/c', 'c/b/b', 'c/c', 'b/d', 'B2/x'])).not.toThrow()
  })

  it('names the file and the element that it refuses', () => {
    expect(() => treeOf(['ok', 'ok2/../x'])).toThrow(refusal('^info\\.files\\[1\\]\\.path\\[1\\] is "\\.\\."'))
    expect(() => treeOf(['ok', ''])).toThrow(refusal('^info\\.files\\[1\\]\\.path\\[0\\] is ""'))
  })

  it.each([
    ['x', 'x'],
    ['d/x', 'd/x'],
    ['README', 'readme'],
    ['d/README', 'd/Readme'],
    ['Ä.txt', 'ä.txt'],
    ['café', 'cafe\u0301'],
    ['CAFÉ', 'cafe\u0301'],
    ['straße', 'STRASSE'],
    ['ΣΑΣ', 'σας'],
    ['\u212a', 'k'],
    ['ſ', 's'],
    ['a\u200bb', 'ab'],
    ['a\u00adb', 'ab'],
    ['a\ufeff', 'a'],
    ['x', 'x/y'],
    ['x/y', 'x'],
    ['X', 'x/y'],
    ['x/y', 'X'],
    ['d/e/f', 'd/e'],
    ['Dir/a', 'dir/b'],
    ['a/Dir/x', 'a/DIR/y'],
    ['caf\u00e9/a', 'cafe\u0301/b'],
  ])('refuses %j beside %j', (first, second) => {
    expect(() => treeOf([first, second])).toThrow(refusal('^info\\.files\\[1\\]\\.path .*collides with '))
    expect(() => treeOf([second, first])).toThrow(refusal('collides with '))
    expect(() => treeOf(['p', first, 'q/r', second])).toThrow(refusal('^info\\.files\\[3\\]'))
  })

  it.each([
    ['name', 'name.'],
    ['name', 'name '],
    ['name.', 'name . .'],
    ['d./x', 'd/x'],
  ])('refuses %j beside %j, of which both have names that not every system takes', (first, second) => {
    expect(() => treeOf([first, second])).toThrow(refusal('Windows|collides with '))
    expect(() => treeOf([first, second], { takesPosixNames: true })).not.toThrow()
  })

  it.each([
    ['README', 'readme'],
    ['caf\u00e9/a', 'cafe\u0301/b'],
    ['a\u200bb', 'ab'],
    ['Dir/a', 'dir/b'],
    ['X', 'x/y'],
    ['a\\b', 'a/b'],
  ])('takes %j beside %j where every name of POSIX is taken', (first, second) => {
    expect(() => treeOf([first, second], { takesPosixNames: true })).not.toThrow()
  })

  it.each([
    ['x', 'x'],
    ['x', 'x/y'],
    ['x/y', 'x'],
    ['d/e/f', 'd/e'],
  ])('refuses %j beside %j whatever the rules', (first, second) => {
    for (const takesPosixNames of [false, true]) {
      expect(() => treeOf([first, second], { takesPosixNames })).toThrow(refusal('collides with '))
    }
  })

  it.each([
    ['x', 'y'],
    ['d/x', 'e/x'],
    ['x2', 'x²'],
    ['a b', 'ab'],
    ['ab', 'a\u0301b'],
    ['x', 'd/x'],
    ['.a', 'a'],
  ])('accepts %j beside %j', (first, second) => {
    expect(() => treeOf([first, second])).not.toThrow()
  })

  it('names both files of a collision', () => {
    expect(() => treeOf(['lib/README', 'x', 'lib/readme'])).toThrow(
      refusal('^info\\.files\\[2\\]\\.path "lib/readme" collides with "README" of info\\.files\\[0\\]\\.path'),
    )
    expect(() => treeOf(['lib/README', 'LIB'])).toThrow(refusal('collides with the folder "lib"'))
  })

  it('bounds the depth and the length of a path', () => {
    const deepest = new Array(100).fill('d').join('/')
    expect(() => treeOf([deepest])).not.toThrow()
    expect(() => treeOf([`${deepest}/d`])).toThrow(refusal('has 101 elements, more than 100'))
    const longest = [...new Array(15).fill('x'.repeat(255)), 'y'.repeat(251)].join('/')
    expect(longest.length + 1 + 4).toBe(4_096)
    expect(() => treeOf([longest])).not.toThrow()
    expect(() => treeOf([`${longest}y`])).toThrow(refusal('is 4097 bytes long with its folder, more than 4096'))
    expect(() => new PathTree({}, 1, () => 'path').add([], 0)).toThrow(refusal('^path is empty'))
  })

  it('refuses every name that is not one plain element', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('.', '/', '\\', '\0', 'a', ' ', ':', '\u202e'), maxLength: 6 }), (name) => {
        try {
          checkPathElement(name, 'name')
        } catch {
          return
        }
        expect(name).toMatch(/^[.a :]+$/)
        expect(name).not.toMatch(/^\.{0,2}$|^a:|[. ]$/)
      }),
      { numRuns: 2_000 },
    )
  })

  it('finds every pair that differs only in case or Unicode form', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom('a', 'é', 'Ω', 'z'), minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }),
        (path) => {
          const forms = [path, path.map((name) => name.toUpperCase()), path.map((name) => name.normalize('NFD'))]
          for (const left of forms) {
            for (const right of forms) expect(() => treeOf([left.join('/'), right.join('/')])).toThrow(refusal('collides'))
          }
        },
      ),
    )
  })

  it('takes 200,000 files in one go', () => {
    const tree = new PathTree({}, 4, (index) => `files[${index}]`)
    const spentMs = cpuTimeMs(() => {
      for (let index = 0; index < 200_000; index++) tree.add(['lib', `package-${index % 500}`, 'dist', `module-${index}.js`], index)
    })
    expect(spentMs).toBeLessThan(10_000)
  })
})
