import { createHash } from 'node:crypto'
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { concatBytes, equalBytes } from '../src/base/bytes.ts'
import { BLOCK_BYTES, GiB, MiB } from '../src/base/units.ts'
import { hashBlocks, merkleRoot } from '../src/torrent/merkle-tree.ts'
import { decodeMetainfo } from '../src/torrent/metainfo.ts'
import { formatOf } from '../src/torrent/torrent-format.ts'
import { requireVersion } from './clients/all.ts'
import { type Command, MeasuredProcess, tail } from './harness/measured-process.ts'
import type { Options } from './harness/options.ts'
import { writePayload } from './harness/payload.ts'
import type { Place } from './harness/place.ts'
import { interleave, loadNow } from './harness/rounds.ts'
import { formatSize } from './harness/sizes.ts'
import { describeFile, pieceLengthFor } from './harness/torrent-file.ts'
import { makeWorkDirectory } from './harness/work-directory.ts'
import type { Outcome, Run } from './report/outcome.ts'
import { roundTo } from './report/spread.ts'

/** `distro` makes a hybrid: one read, SHA-1 of the pieces and SHA-256 of the blocks. */
const FORMATS: Readonly<Record<string, string>> = { distro: 'hybrid', 'distro-v1': 'v1', 'distro-v2': 'v2' }

/**
 * Both digests of the same file by openssl, each on a core of its own, until the later one is done. Nothing else that hashes is as
 * quick: it reads in order, and keeps no tree.
 */
const OPENSSL = 'openssl dgst -sha1 "$1" >&2 & first=$!; openssl dgst -sha256 "$1" >&2 && wait $first'

/** Two cores at most for everybody, since openssl takes no more. */
const CORES = 2

/** Making torrents of all formats out of one file in memory, beside openssl, which computes SHA-1 and SHA-256 of it on two cores. */
export async function createFormats(options: Options, place: Place): Promise<Outcome> {
  const sizeBytes = options.sizeBytes ?? 2 * GiB
  const pieceLength = options.pieceLength ?? pieceLengthFor(sizeBytes)
  const names = options.clients ?? ['distro', 'openssl', 'distro-v1', 'distro-v2']
  const versions = Object.fromEntries(names.map((name) => [name, requireVersion(name.replace(/-v\d$/, ''), options.distro)]))
  const work = makeWorkDirectory(options.directory, sizeBytes + 64 * MiB)
  const source = path.join(work.folder('source'), 'payload.bin')
  writePayload(source, sizeBytes, 'random', pieceLength)
  const expected = expect(source, pieceLength)
  const contest = async (name: string, round: number): Promise<Run> => {
    const load = loadNow()
    const torrent = path.join(work.path, `${name}-${round}.torrent`)
    const log = path.join(work.path, `${name}-${round}.log`)
    const command = onCores(commandOf(name, options, source, torrent, pieceLength))
    const usage = await new MeasuredProcess(place, command, { logPath: log }).ended
    if (usage.exitCode !== 0) return { client: name, round, load, intact: false, metrics: {}, failure: tail(log) }
    const metrics = {
      throughputMiBps: roundTo(1, sizeBytes / MiB / usage.wallSeconds),
      wallSeconds: roundTo(3, usage.wallSeconds),
      cpuPerGiB: roundTo(3, usage.cpuSeconds / (sizeBytes / GiB)),
      rssMiB: roundTo(0, usage.peakRssKiB / 1024),
    }
    const intact =
      name === 'openssl' ? expected.digests.every((digest) => readFileSync(log, 'utf8').includes(digest)) : isRight(torrent, name)
    options.say(`round ${round} ${name}: ${JSON.stringify(metrics)}${intact ? '' : ' OTHER HASHES'}`)
    return { client: name, round, load, intact, metrics }
  }
  const isRight = (torrent: string, name: string): boolean => {
    const metainfo = decodeMetainfo(readFileSync(torrent))
    const { pieceHashes } = metainfo.info
    if (formatOf(metainfo) !== FORMATS[name]) return false
    if (pieceHashes !== undefined && !equalBytes(pieceHashes, expected.pieceHashes)) return false
    const root = metainfo.v2?.info.files[0]?.piecesRoot
    return root === undefined || equalBytes(root, expected.piecesRoot)
  }
  if (options.warmUp) await interleave(0, 0, names, contest)
  const runs = await interleave(1, options.rounds ?? 5, names, contest)
  const settings = { size: formatSize(sizeBytes), pieceLength: formatSize(pieceLength), cores: Math.min(CORES, availableParallelism()) }
  return { name: `create-formats-${formatSize(sizeBytes)}`, benchmark: 'create-formats', settings, versions, runs }
}

function commandOf(name: string, options: Options, source: string, torrent: string, pieceLength: number): Command {
  if (name === 'openssl') return { words: ['sh', '-c', OPENSSL, 'sh', source] }
  const format = FORMATS[name] ?? 'v1'
  const flags = ['--format', format, '--piece-length', formatSize(pieceLength), '--progress', 'none']
  return { words: [...options.distro, 'create', source, '-o', torrent, ...flags] }
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
