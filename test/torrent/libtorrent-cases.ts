import type { ErrorCode } from '../../src/base/errors.ts'
import { type Bencodable, encodeBencode } from '../../src/torrent/bencode.ts'
import { dictionary, type Fields, file, folderInfo, hashes, singleInfo, torrent, torrentAround, unsorted } from './build-torrent.ts'
import { keyOf, leaf, rootOf } from './build-v2.ts'
import { NaiveMerkleTree } from './naive-merkle.ts'

/**
 * One torrent of libtorrent's test suite (test/test_torrents, with the verdicts of test/test_torrent_info.cpp), by its name there:
 * what libtorrent makes of it, what distro makes of it, and a torrent of our own with the same trait.
 */
export interface LibtorrentCase {
  readonly name: string
  readonly libtorrent: 'loads' | 'refuses'
  /** What distro refuses it with, and words of the message; undefined where it loads. */
  readonly refusal?: { readonly code: ErrorCode; readonly says: string }
  readonly build: () => Uint8Array
}

const loads = (name: string, build: () => Uint8Array): LibtorrentCase => ({ name, libtorrent: 'loads', build })
const tooStrict = (name: string, code: ErrorCode, says: string, build: () => Uint8Array): LibtorrentCase => ({
  name,
  libtorrent: 'loads',
  refusal: { code, says },
  build,
})
const refused = (name: string, code: ErrorCode, says: string, build: () => Uint8Array): LibtorrentCase => ({
  name,
  libtorrent: 'refuses',
  refusal: { code, says },
  build,
})

const single = (changes: Fields = {}, around: Fields = {}) => torrent(singleInfo({ length: 425, pieces: hashes(1), ...changes }), around)
const folder = (files: readonly Bencodable[], changes: Fields = {}) => torrent(folderInfo(files, changes))
const pair = (changes: Fields = {}, around: Fields = {}) =>
  torrent(folderInfo([file('foo/bar.txt', 425), file('foo/var.txt', 425)], changes), around)
const link = (path: string, target: readonly Bencodable[], more: Fields = {}) =>
  file(path, 0, { attr: 'l', 'symlink path': target, ...more })

const v2 = (tree: Bencodable, changes: Fields = {}, layers: Bencodable | undefined = dictionary({})) =>
  torrent(dictionary({ 'file tree': tree, 'meta version': 2, name: 'test', 'piece length': 65_536, ...changes }), {
    'piece layers': layers,
  })
/** 1 MiB as 16 pieces of 64 KiB. */
const million = new NaiveMerkleTree(new Uint8Array(1_048_576).map((_, index) => index >> 16))
const MILLION = keyOf(million.root)
const v2File =
  (changes: Fields = {}, layers: Bencodable | undefined = dictionary({ [MILLION]: million.layer(2) })) =>
  () =>
    v2(dictionary({ test: leaf(1_048_576, million.root) }), changes, layers)
const hybrid = (tree: Fields, changes: Fields = {}) => single({ 'meta version': 2, 'file tree': dictionary(tree), ...changes })
const hybridFolder = (files: readonly Bencodable[], tree: Fields, pieces: number) =>
  folder(files, { 'meta version': 2, 'file tree': dictionary(tree), pieces: hashes(pieces) })
const emptyFiles = () =>
  hybridFolder(
    [file('1-empty', 0), file('2-small', 512), file('.pad/15872', 15_872, { attr: 'p' }), file('3-large', 51_200), file('4-empty', 0)],
    { '1-empty': leaf(0), '2-small': leaf(512), '3-large': leaf(51_200), '4-empty': leaf(0) },
    5,
  )
const nested = (depth: number): Bencodable => (depth === 0 ? leaf(1) : dictionary({ a: nested(depth - 1) }))

const PATH = 'PATH_REFUSED'
const BAD = 'TORRENT_INVALID'
const LIMIT = 'LIMIT_EXCEEDED'
const SEPARATOR = 'cannot hold a path separator'
const UNSORTED = 'not canonical (a key out of order'

/** Torrents that libtorrent must refuse. */
export const mustFail: readonly LibtorrentCase[] = [
  refused('missing_piece_len', BAD, 'info.piece length is missing', () => pair({ 'piece length': undefined })),
  refused('invalid_piece_len', BAD, 'info.piece length is a string', () => pair({ 'piece length': '16384' })),
  refused('negative_piece_len', BAD, 'info.piece length is -16384', () => pair({ 'piece length': -16_384 })),
  refused('no_name', BAD, 'info.name is missing', () => pair({ name: undefined })),
  refused('bad_name', BAD, 'a duplicate key', () =>
    torrentAround(
      unsorted([
        ['files', []],
        ['files', []],
      ]),
    ),
  ),
  refused('invalid_name', BAD, 'info.name is an integer', () => pair({ name: 1_348 })),
  refused('invalid_info', BAD, 'info is a string', () => torrent('files')),
  refused('string', BAD, 'not a torrent: it starts with "10:libtorrent"', () => encodeBencode('libtorrent')),
  refused('negative_size', BAD, 'info.length is -425', () => single({ length: -425 })),
  refused('negative_file_size', BAD, 'info.files[0].length is -45', () => folder([file('foo/bar.txt', -45), file('foo/var.txt', 24_124)])),
  refused('invalid_path_list', BAD, 'info.files[0].path[0] is an integer', () =>
    folder([dictionary({ length: 425, path: [1_242, 'bar.txt'] })]),
  ),
  refused('missing_path_list', BAD, 'info.files[0].path is missing', () => folder([dictionary({ length: 425 }), file('foo/var.txt', 425)])),
  refused('invalid_pieces', BAD, 'info.pieces is an integer', () => pair({ pieces: -23 })),
  refused('unaligned_pieces', BAD, 'info.pieces has 24 bytes', () => pair({ pieces: hashes(2).subarray(0, 24) })),
  refused('invalid_file_size', BAD, 'info.files[0].length is a list', () =>
    folder([dictionary({ length: [45], path: ['foo', 'bar.txt'] })]),
  ),
  refused('invalid_symlink', BAD, 'info.files[1].', () => folder([file('a/b/bar', 0), link('a/b/foo', ['foo', 'bar', 4])])),
  refused('many_pieces', 'LIMIT_EXCEEDED', '107374183 pieces', () => single({ length: 1_759_218_597_889 })),
  refused('no_files', BAD, 'info.files is empty', () => folder([])),
  refused('zero', BAD, 'info.length is 0', () => single({ length: 0, pieces: '' })),
  refused('zero2', BAD, 'info.files holds padding and no content', () =>
    folder([file('a', 0), file('.pad/0', 0, { attr: 'p' })], { pieces: '' }),
  ),
  refused('duplicate_files2', PATH, 'info.files[1].path "foo/bar.txt" collides', () =>
    folder([5, 4, 5, 4].map((length) => file('foo/bar.txt', length))),
  ),
  refused('v2_mismatching_metadata', BAD, 'info.file tree and the v1 file list differ', () => hybrid({ '/elease.bin': leaf(425) })),
  refused('v2_bad_file_alignment', BAD, 'does not start at the start of a piece', () =>
    hybridFolder([file('a', 10), file('.pad/0', 16_373, { attr: 'p' }), file('b', 5)], { a: leaf(10), b: leaf(5) }, 2),
  ),
  refused('v2_invalid_file', BAD, 'info.file tree', () => hybrid({ 'release.bin': dictionary({ length: 425 }) })),
  refused('v2_deep_recursion', BAD, 'nesting deeper than 100', () => v2(nested(400))),
  refused('v2_overlong_integer', BAD, 'not in its shortest form', () => torrentAround(Buffer.from('d9:file treed1:ad0:d6:lengthi07eeeee'))),
  refused('v2_empty_filename', BAD, 'follow its end', () =>
    Buffer.concat([v2(dictionary({ '': leaf(5), '#': leaf(5) })), Buffer.from('\n\n')]),
  ),
  refused('v2_unordered_files', BAD, UNSORTED, () =>
    torrentAround(
      unsorted([
        ['meta version', 2],
        ['file tree', dictionary({ a: leaf(7) })],
        ['name', 'test'],
        ['piece length', 16_384],
      ]),
    ),
  ),
  refused('v2_no_power2_piece', BAD, 'info.piece length is 32767', v2File({ 'piece length': 32_767 })),
  refused(
    'v2_non_multiple_piece_layer',
    BAD,
    'has 513 bytes, where its file takes 512',
    v2File({}, dictionary({ [MILLION]: hashes(26).subarray(0, 513) })),
  ),
  refused('v2_piece_layer_invalid_file_hash', BAD, 'belongs to no file', v2File({}, dictionary({ [`a${MILLION}`]: million.layer(2) }))),
  refused('v2_invalid_piece_layer', BAD, 'is an integer, not a string', v2File({}, dictionary({ [MILLION]: 512 }))),
  refused(
    'v2_invalid_piece_layer_root',
    BAD,
    'does not lead to its root',
    v2File({}, dictionary({ [MILLION]: hashes(26).subarray(0, 512) })),
  ),
  refused(
    'v2_unknown_piece_layer_entry',
    BAD,
    'belongs to no file',
    v2File({}, dictionary({ [MILLION]: million.layer(2), [MILLION.replace(/.$/s, 'x')]: million.layer(2) })),
  ),
  refused(
    'v2_invalid_piece_layer_size',
    BAD,
    'has 1024 bytes, where its file takes 512',
    v2File({}, dictionary({ [MILLION]: hashes(52).subarray(0, 1_024) })),
  ),
  refused('v2_missing_file_root_invalid_symlink', BAD, 'info.file tree[0].pieces root is missing', () =>
    v2(dictionary({ a: dictionary({ '': dictionary({ length: 5 }) }), b: dictionary({ '': dictionary({ attr: 'l', length: 5 }) }) })),
  ),
  refused('v2_large_file', LIMIT, '4194304 pieces', () => v2(dictionary({ a: leaf(17_592_186_028_032) }), { 'piece length': 4_194_304 })),
  refused('v2_large_offset', LIMIT, 'more than 400000', () => v2(dictionary({ a: leaf(17_592_186_011_648), b: leaf(17_592_186_011_648) }))),
  refused('v2_piece_size', BAD, 'info.piece length is 2147483647', v2File({ 'piece length': 2_147_483_647 })),
  refused('v2_invalid_pad_file', BAD, 'info.file tree[0].attr calls a file padding', () =>
    v2(dictionary({ a: leaf(5, rootOf(5), { attr: 'p' }) })),
  ),
  refused('v2_zero_root', BAD, 'info.file tree[0].pieces root is zero', () => v2(dictionary({ a: leaf(1_048_576, new Uint8Array(32)) }))),
  refused('v2_zero_root_small', BAD, 'info.file tree[0].pieces root is zero', () =>
    v2(dictionary({ a: leaf(32_768, new Uint8Array(32)) })),
  ),
]

/** Torrents that libtorrent must load. */
export const mustLoad: readonly LibtorrentCase[] = [
  loads('base', () => single()),
  loads('single_multi_file', () => folder([file('foo/bar', 425)])),
  loads('url_list', () => single({}, { 'url-list': '' })),
  loads('url_list2', () => single({}, { 'url-list': [['']] })),
  loads('url_list3', () => single({}, { 'url-list': [-20] })),
  loads('httpseed', () => single({}, { httpseeds: ['http://foobar.com/'] })),
  loads('empty_httpseed', () => single({}, { httpseeds: [''], 'url-list': [''] })),
  loads('whitespace_url', () => single({}, { announce: '\n udp://test.com/announce' })),
  loads('creation_date', () => pair({}, { 'creation date': 1_234_567 })),
  loads('no_creation_date', () => pair()),
  loads('url_seed', () => single({}, { 'url-list': ['http://test.com/file'] })),
  loads('url_seed_multi', () => pair({}, { 'url-list': ['http://test.com/file'] })),
  loads('url_seed_multi_single_file', () => pair({}, { 'url-list': ['http://test.com/file/temp/foo/bar.txt'] })),
  loads('url_seed_multi_space', () => pair({}, { 'url-list': ['http://test.com/test file/foo bar'] })),
  loads('url_seed_multi_space_nolist', () => pair({}, { 'url-list': 'http://test.com/test file/foo bar' })),
  loads('duplicate_web_seeds', () => single({}, { 'url-list': ['http://foobar.com/foo', 'http://foobar.com/foo'] })),
  loads('symlink1', () => folder([file('a/b/bar', 425), link('a/b/foo', ['a', 'b', 'bar'], { length: 425 })])),
  loads('symlink2', () =>
    folder([link('SDL2', ['Versions', 'A', 'SDL2'], { attr: 'xl' }), file('Versions/A/SDL2', 5), link('Versions/Current', ['A'])]),
  ),
  loads('symlink_zero_size', () => folder([file('a/b/bar', 425), link('a/b/foo', ['a', 'b', 'bar'], { length: undefined })])),
  loads('overlapping_symlinks', () =>
    folder([
      link('Headers', ['Versions', 'Current', 'Headers']),
      file('Versions/A/Headers/a.h', 5),
      link('Versions/Current', ['Versions', 'A']),
    ]),
  ),
  loads('large', () => folder([file('stress_test0', 5_242_880_000)], { 'piece length': 1_048_576, pieces: hashes(5_000) })),
  loads('large_piece_size', () => Buffer.concat([single({ 'piece length': 32_767 * 16_384 }), Buffer.from('\n')])),
  loads('similar', () => single({}, { similar: [hashes(1)] })),
  loads('similar2', () => single({ similar: [hashes(1)] })),
  loads('collection', () => single({}, { collections: ['bar', 'foo'] })),
  loads('collection2', () => single({ collections: ['bar', 'foo'] })),
  loads('dht_nodes', () =>
    single(
      {},
      {
        nodes: [
          ['127.0.0.1', 6_881],
          ['192.168.1.1', 6_881],
        ],
      },
    ),
  ),
  loads('v2', () => hybrid({ 'release.bin': leaf(425) })),
  loads('v2_multipiece_file', () => hybrid({ 'release.bin': leaf(40_000) }, { length: 40_000, pieces: hashes(3) })),
  loads('v2_hybrid', () =>
    hybridFolder([file('a', 10), file('16374', 16_374, { attr: 'p' }), file('b', 5)], { a: leaf(10), b: leaf(5) }, 2),
  ),
  loads('empty-files-1', emptyFiles),
  loads('empty-files-2', emptyFiles),
  loads('empty-files-3', emptyFiles),
  loads('empty-files-4', emptyFiles),
  loads('empty-files-5', emptyFiles),
  tooStrict('empty_path', PATH, 'info.files[0].path[0] is ""', () => folder([file('/', 425)])),
  tooStrict('empty_path_multi', PATH, 'info.files[1].path[0] is ""', () => folder([file('abcde', 425), file('', 3)])),
  tooStrict('parent_path', PATH, 'info.files[0].path[0] is ".."', () => folder([file('../../bar', 425)])),
  tooStrict('hidden_parent_path', PATH, SEPARATOR, () => folder([file('x', 425, { path: ['foo/../../../bar', 'bar'] })])),
  tooStrict('slash_path', PATH, SEPARATOR, () => folder([file('x', 425, { path: ['/', '/', 'bar'] })])),
  tooStrict('slash_path2', PATH, SEPARATOR, () => folder([file('x', 425, { path: ['abc/../../def', 'bar'] })])),
  tooStrict('slash_path3', PATH, SEPARATOR, () => single({ name: 'temp/../../abc' })),
  tooStrict('backslash_path', PATH, SEPARATOR, () => folder([file('\\/\\/bar', 425)])),
  tooStrict('absolute_filename', PATH, SEPARATOR, () => folder([file('abcde', 425), file('x', 5, { path: ['/foobar'] })])),
  tooStrict('invalid_directory_name', PATH, SEPARATOR, () => folder([file('x', 5, { path: ['/', 'foo'] })])),
  tooStrict('invalid_filename', PATH, SEPARATOR, () => folder([file('f', 5)], { name: '\\est2' })),
  tooStrict('invalid_filename2', PATH, SEPARATOR, () => folder([file('f', 5)], { name: '\\est2' })),
  tooStrict('symlink_filtered_path', PATH, SEPARATOR, () => folder([file('x', 5, { path: ['a', '/', 'bar'] })])),
  tooStrict('invalid_name2', PATH, 'info.name is ".."', () => pair({ name: '..' })),
  tooStrict('invalid_name3', PATH, 'Windows drops the dot or space', () => pair({ name: 'foobar ' })),
  tooStrict('long_name', PATH, 'it is 300 bytes long', () => single({ name: 'x'.repeat(300) })),
  tooStrict('duplicate_files', PATH, 'info.files[1].path "foo/bar.txt" collides', () =>
    folder([file('foo/bar.txt', 425), file('foo/bar.txt', 425)]),
  ),
  tooStrict('unordered', BAD, UNSORTED, () =>
    torrentAround(
      unsorted([
        ['name', 'temp'],
        ['length', 425],
        ['piece length', 16_384],
        ['pieces', hashes(1)],
      ]),
    ),
  ),
  tooStrict('pad_file', BAD, UNSORTED, () =>
    Buffer.concat([
      Buffer.from('d4:infod5:filesld4:pathl1:ae6:lengthi425eee4:name4:temp12:piece lengthi16384e6:pieces20:'),
      hashes(1),
      Buffer.from('ee'),
    ]),
  ),
  tooStrict('pad_file_no_path', BAD, UNSORTED, () =>
    Buffer.concat([
      Buffer.from('d4:infod5:filesld4:pathl1:ae6:lengthi425eee4:name4:temp12:piece lengthi16384e6:pieces20:'),
      hashes(1),
      Buffer.from('ee'),
    ]),
  ),
  loads('v2_only', v2File()),
  tooStrict('v2_invalid_filename', PATH, 'info.name is not UTF-8', () =>
    v2(dictionary({ a: leaf(5) }), { name: Uint8Array.of(0x82, 0x65, 0x73, 0x74) }),
  ),
  loads('v2_multiple_files', () =>
    v2(dictionary({ a: leaf(5), b: leaf(6), c: leaf(1_048_576, million.root) }), {}, dictionary({ [MILLION]: million.layer(2) })),
  ),
  tooStrict('v2_invalid_filename2', PATH, SEPARATOR, () => v2(dictionary({ '//': leaf(5), '\\': leaf(6) }))),
  loads('v2_symlinks', () =>
    v2(
      dictionary({
        Headers: dictionary({ '': dictionary({ attr: 'xl', length: 0, 'symlink path': ['Versions', 'Current', 'Headers'] }) }),
        Versions: dictionary({ Current: dictionary({ Headers: dictionary({ 'SDL.h': leaf(4_210) }) }) }),
      }),
    ),
  ),
  loads('v2_no_piece_layers', () =>
    torrent(
      dictionary({
        'file tree': dictionary({ test: leaf(1_048_576, million.root) }),
        'meta version': 2,
        name: 'test',
        'piece length': 65_536,
      }),
    ),
  ),
  loads('v2_incomplete_piece_layer', v2File({}, dictionary({}))),
]
