import { createHash } from 'node:crypto'
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { concatBytes, equalBytes } from '../src/base/bytes.ts'
import { BLOCK_BYTES } from '../src/base/units.ts'
import { hashBlocks, merkleRoot } from '../src/torrent/merkle-tree.ts'
import { decodeMetainfo } from '../src/torrent/metainfo.ts'
import { formatOf } from '../src/torrent/torrent-format.ts'
import { distroCreate } from './clients/distro.ts'
import { measureCreation } from './harness/creation.ts'
import { FORMATS } from './harness/formats.ts'
import type { Command } from './harness/measured-process.ts'
import type { Options } from './harness/options.ts'
import type { Place } from './harness/place.ts'
import { describeFile } from './harness/torrent-file.ts'
import type { Outcome } from './report/outcome.ts'

/**
 * Both digests of the same file by openssl, each on a core of its own, until the later one is done. Nothing else that hashes is as
 * quick: it reads in order, and keeps no tree.
 */
const OPENSSL = 'openssl dgst -sha1 "$1" >&2 & first=$!; openssl dgst -sha256 "$1" >&2 && wait $first'

/** Two cores at most for everybody, since openssl takes no more. */
const CORES = 2

/** Making torrents of all formats out of one file in memory, beside openssl, which computes SHA-1 and SHA-256 of it on two cores. */
export function createFormats(options: Options, place: Place): Promise<Outcome> {
  return measureCreation(options, place, {
    name: 'create-formats',
    contestants: ['distro', 'openssl', 'distro-v1', 'distro-v2'],
    flaw: 'OTHER HASHES',
    settings: { cores: Math.min(CORES, availableParallelism()) },
    prepare: ({ path: source, pieceLength }) => {
      const expected = expect(source, pieceLength)
      return {
        command: (name, torrent) =>
          onCores(
            name === 'openssl'
              ? { words: ['sh', '-c', OPENSSL, 'sh', source] }
              : distroCreate(options.distro, { source, torrent, format: FORMATS[name] ?? 'v1', pieceLength }),
          ),
        isRight: (name, torrent, log) =>
          name === 'openssl'
            ? expected.digests.every((digest) => readFileSync(log, 'utf8').includes(digest))
            : isRight(torrent, name, expected),
      }
    },
  })
}

function isRight(torrent: string, name: string, expected: Expected): boolean {
  const metainfo = decodeMetainfo(readFileSync(torrent))
  const { pieceHashes } = metainfo.info
  if (formatOf(metainfo) !== FORMATS[name]) return false
  if (pieceHashes !== undefined && !equalBytes(pieceHashes, expected.pieceHashes)) return false
  const root = metainfo.v2?.info.files[0]?.piecesRoot
  return root === undefined || equalBytes(root, expected.piecesRoot)
}

function onCores({ words }: Command): Command {
  return availableParallelism() <= CORES ? { words } : { words: ['taskset', '-c', `0-${CORES - 1}`, ...words] }
}

/** What everybody's hashes are held against. */
interface Expected {
  /** Of the whole file, in hexadecimal. */
  readonly digests: readonly string[]
  readonly pieceHashes: Uint8Array
  readonly piecesRoot: Uint8Array
}

function expect(file: string, pieceLength: number): Expected {
  const { info } = describeFile(file, pieceLength)
  const pieces = /6:pieces(\d+):/.exec(info.toString('latin1'))
  const start = (pieces?.index ?? 0) + (pieces?.[0].length ?? 0)
  const hashes = [createHash('sha1'), createHash('sha256')]
  const leaves: Uint8Array[] = []
  const chunk = Buffer.alloc(64 * BLOCK_BYTES)
  const descriptor = openSync(file, 'r')
  for (let count = readSync(descriptor, chunk); count > 0; count = readSync(descriptor, chunk)) {
    const bytes = chunk.subarray(0, count)
    for (const hash of hashes) hash.update(bytes)
    leaves.push(hashBlocks(bytes))
  }
  closeSync(descriptor)
  return {
    digests: hashes.map((hash) => hash.digest('hex')),
    pieceHashes: info.subarray(start, start + Number(pieces?.[1])),
    piecesRoot: merkleRoot(concatBytes(leaves), 0),
  }
}
