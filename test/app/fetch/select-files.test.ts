import { describe, expect, it } from 'vitest'
import { selectFiles, selectWarnings } from '../../../src/app/fetch/select-files.ts'
import { decodeMetainfo } from '../../../src/torrent/metainfo.ts'
import { file, folderInfo, torrent } from '../../torrent/build-torrent.ts'

const paths = ['README', 'lib/a', 'lib/deep/b.so', 'lib/x.so', 'opt/lib/c', 'opt/library', 'x.so/d']
const { info } = decodeMetainfo(torrent(folderInfo(paths.map((path) => file(path, 10)))))

function selected(...globs: string[]): string[] {
  return [...(selectFiles(info, globs, []) ?? [])].map((index) => info.files[index]?.path.join('/') ?? '')
}

describe('selectFiles', () => {
  const inLib = ['lib/a', 'lib/deep/b.so', 'lib/x.so']

  it.each<[string, string[]]>([
    ['lib', [...inLib, 'opt/lib/c']],
    ['lib/', [...inLib, 'opt/lib/c']],
    ['/lib', inLib],
    ['./lib/', inLib],
    ['lib/deep', ['lib/deep/b.so']],
    ['*/lib', ['opt/lib/c']],
    ['lib*/', [...inLib, 'opt/lib/c']],
    ['lib/*', ['lib/a', 'lib/x.so']],
    ['lib/**', inLib],
    ['*.so', ['lib/deep/b.so', 'lib/x.so']],
    ['x.so', ['lib/x.so', 'x.so/d']],
    ['./README', ['README']],
    ['lib/{a,deep/*}', ['lib/a', 'lib/deep/b.so']],
  ])('takes of a torrent by %s what a reader expects', (glob, expected) => {
    expect(selected(glob)).toEqual(expected)
  })

  it.each([
    [['lib', 'nothing', '*.so', 'no/thing'], ['Nothing in folder matches --select nothing, no/thing.']],
    [['lib'], []],
    [[], []],
    [['nothing'], []],
  ])('tells of %j which of them match nothing, unless it refuses them', (globs, told) => {
    expect(selectWarnings({ ...info, name: 'folder' }, globs)).toEqual(told)
  })

  it.each(['**', 'a*/**', '**/*.so', '*.so', 'a?b/', 'a?b/*'])('takes by %s names that hold the end of a line too', (glob) => {
    const [first] = info.files
    if (first === undefined) throw new Error('the torrent has no file')
    const lines = { ...info, files: [{ ...first, path: ['a\nb', 'c\nd.so'] }] }
    expect(selectFiles(lines, [glob], [])).toEqual(new Set([0]))
  })

  it.each(['README/', '/a', 'li', '/', 'nothing'])('refuses %s, which matches nothing', (glob) => {
    expect(() => selected(glob)).toThrow(expect.objectContaining({ code: 'USAGE' }))
  })
})
