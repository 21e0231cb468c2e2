import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concatBytes } from '../../src/base/bytes.ts'
import { MiB } from '../../src/base/units.ts'
import { type HashRequest, uncleCount } from '../../src/torrent/hash-request.ts'
import { hashBlocks } from '../../src/torrent/merkle-tree.ts'
import { MerkleTrees } from '../../src/torrent/merkle-trees.ts'
import { encodeHashMessage } from '../../src/wire/hash-message.ts'
import { MAX_MESSAGE_BYTES } from '../../src/wire/wire-limits.ts'
import { keyOf } from './build-v2.ts'
import { NaiveMerkleTree } from './naive-merkle.ts'

const BLOCK = 16_384

interface Sample {
  readonly trees: MerkleTrees
  /** The same with nothing but the roots. */
  readonly bare: MerkleTrees
  readonly naive: readonly { readonly tree: NaiveMerkleTree; readonly content: Uint8Array; readonly firstPiece: number }[]
  readonly pieceLengthBytes: number
}

const contentOf = (lengthBytes: number, seed: number): Uint8Array => {
  const content = new Uint8Array(lengthBytes)
  for (let index = 0; index < lengthBytes; index += 1_000) content[index] = (index >> 8) + seed
  return content
}

function sample(lengths: readonly number[], pieceLengthBytes: number): Sample {
  const layers = new Map<string, Uint8Array>()
  const naive: Sample['naive'][number][] = []
  let firstPiece = 0
  const files = lengths.map((lengthBytes, index) => {
    const offsetBytes = firstPiece * pieceLengthBytes
    if (lengthBytes === 0) return { path: [`${index}`], lengthBytes, offsetBytes, piecesRoot: undefined }
    const content = contentOf(lengthBytes, index)
    const tree = new NaiveMerkleTree(content)
    if (lengthBytes > pieceLengthBytes) layers.set(keyOf(tree.root), tree.layer(Math.log2(pieceLengthBytes / BLOCK)))
    naive.push({ tree, content, firstPiece })
    firstPiece += Math.ceil(lengthBytes / pieceLengthBytes)
    return { path: [`${index}`], lengthBytes, offsetBytes, piecesRoot: tree.root }
  })
  const info = { files, pieceLengthBytes }
  return { trees: new MerkleTrees(info, layers), bare: new MerkleTrees(info, new Map()), naive, pieceLengthBytes }
}

/** What is right for `request`, by the words of BEP 52. */
function expectedAnswer(tree: NaiveMerkleTree, { baseLayer, index, length, proofLayers }: HashRequest): Uint8Array {
  const hashes = tree.wholeLayer(baseLayer).slice(index, index + length)
  for (let layer = 1; layer <= proofLayers; layer++) {
    // The uncle that stands in the layer below the proof layer's own parent; inside the stretch there is none.
    const level = baseLayer + layer
    const from = Math.floor(index / 2 ** layer)
    if (2 ** layer >= length) hashes.push(tree.wholeLayer(level)[from ^ 1] ?? new Uint8Array())
  }
  // A stretch of one hash needs the one beside it too, which stands below the first proof layer.
  if (length === 1) hashes.splice(1, 0, tree.wholeLayer(baseLayer)[index ^ 1] ?? new Uint8Array())
  return concatBytes(hashes)
}

const lengths = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 3 * BLOCK }), fc.integer({ min: 1, max: 70 * BLOCK })), {
  minLength: 1,
  maxLength: 4,
})
const pieceLengths = fc.constantFrom(BLOCK, 2 * BLOCK, 8 * BLOCK)

describe('the merkle trees of a torrent', () => {
  it('know the hash of each piece, and how many leaves lie below it', () => {
    fc.assert(
      fc.property(lengths, pieceLengths, (sizes, pieceLengthBytes) => {
        const { trees, naive } = sample(sizes, pieceLengthBytes)
        expect(trees.isComplete).toBe(true)
        for (const { tree, content, firstPiece } of naive) {
          for (let piece = 0; piece * pieceLengthBytes < content.length; piece++) {
            const blocks = Math.ceil(Math.min(content.length, pieceLengthBytes) / BLOCK)
            const level = Math.ceil(Math.log2(blocks))
            expect(trees.leafCountOf(firstPiece + piece)).toBe(2 ** level)
            expect(trees.hashOf(firstPiece + piece)).toEqual(tree.wholeLayer(level)[piece])
          }
        }
      }),
      { numRuns: 30 },
    )
  })

  it('fill up from the answers of other trees', () => {
    fc.assert(
      fc.property(lengths, pieceLengths, (sizes, pieceLengthBytes) => {
        const { trees, bare, naive } = sample(sizes, pieceLengthBytes)
        const requests = [...bare.missing()]
        expect(bare.isComplete).toBe(requests.length === 0)
        for (const request of requests) {
          const answer = trees.answer(request)
          const { tree } = naive.find((file) => keyOf(file.tree.root) === keyOf(request.root)) ?? {}
          expect(answer).toEqual(tree === undefined ? undefined : expectedAnswer(tree, request))
          expect(bare.isMissing(request)).toBe(true)
          expect(bare.answer(request)).toBeUndefined()
          expect(bare.add(request, answer ?? new Uint8Array())).toBe(true)
          expect(bare.isMissing(request)).toBe(false)
        }
        expect(bare.isComplete).toBe(true)
        for (let piece = 0; trees.hashOf(piece) !== undefined; piece++) expect(bare.hashOf(piece)).toEqual(trees.hashOf(piece))
      }),
      { numRuns: 30 },
    )
  })

  it('take nothing in which one bit is another', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 40 }), fc.nat(), fc.nat(7), (blocks, place, bit) => {
        const { trees, bare } = sample([blocks * BLOCK], 2 * BLOCK)
        const [request] = bare.missing()
        if (request === undefined) return
        const answer = Uint8Array.from(trees.answer(request) ?? [])
        const at = place % answer.length
        answer[at] = (answer[at] ?? 0) ^ (1 << bit)
        expect(bare.add(request, answer)).toBe(false)
        expect(bare.isComplete).toBe(false)
        expect(bare.hashOf(0)).toBeUndefined()
      }),
      { numRuns: 40 },
    )
  })

  it.each([512, 513, 514, 600, 1_024, 1_025])(
    'ask for a file of %i pieces in stretches of 512, of which the last may be shorter',
    (pieces) => {
      const { trees, bare, naive } = sample([(pieces - 1) * BLOCK + 5], BLOCK)
      const requests = [...bare.missing()]
      expect(requests.map(({ index }) => index)).toEqual(requests.map((_, stretch) => stretch * 512))
      for (const request of requests.toReversed()) {
        const { index, length } = request
        expect(Number.isInteger(Math.log2(length)) && length >= 2 && length <= 512 && index % length === 0).toBe(true)
        expect(index + length).toBeGreaterThanOrEqual(Math.min(pieces, index + 512))
        const answer = trees.answer(request)
        expect(answer).toEqual(naive[0] && expectedAnswer(naive[0].tree, request))
        expect(bare.hashOf(index)).toBeUndefined()
        expect(bare.add(request, answer ?? new Uint8Array())).toBe(true)
        expect(bare.hashOf(index)).toEqual(trees.hashOf(index))
      }
      expect(bare.isComplete).toBe(true)
      expect(bare.hashOf(pieces - 1)).toEqual(trees.hashOf(pieces - 1))
      expect(bare.hashOf(pieces)).toBeUndefined()
    },
  )

  it('answer for every layer, with as many uncles as were asked for', () => {
    const blocks = 45
    const { trees, naive } = sample([3, blocks * BLOCK - 100], 4 * BLOCK)
    const file = naive[1]
    if (file === undefined) return
    const { tree, content } = file
    for (let baseLayer = 0; baseLayer < tree.height; baseLayer++) {
      for (let length = 1; length <= 2 ** (tree.height - baseLayer); length *= 2) {
        for (let index = 0; index < 2 ** (tree.height - baseLayer); index += length) {
          for (let proofLayers = 0; proofLayers < tree.height - baseLayer; proofLayers++) {
            const request = { root: tree.root, baseLayer, index, length, proofLayers }
            const piece = trees.pieceBelow(request)
            const isBelowPiece = baseLayer < 2 && length <= 2 ** (2 - baseLayer) && index * 2 ** baseLayer < 4 * Math.ceil(blocks / 4)
            expect(piece).toBe(isBelowPiece ? 1 + Math.floor((index * 2 ** baseLayer) / 4) : undefined)
            const leaves = piece === undefined ? undefined : hashBlocks(content.subarray((piece - 1) * 4 * BLOCK, piece * 4 * BLOCK))
            const answer = trees.answer(request, leaves)
            if (!isBelowPiece && baseLayer < 2) expect(answer).toBeUndefined()
            else expect(answer).toEqual(expectedAnswer(tree, request))
            expect(uncleCount(request)).toBe(expectedAnswer(tree, request).length / 32 - length)
          }
        }
      }
    }
  })

  it('give no leaves that are not those of the piece', () => {
    const { trees, naive } = sample([8 * BLOCK], 4 * BLOCK)
    const content = Uint8Array.from(naive[0]?.content ?? [])
    const request = trees.leafRequest(1)
    expect(request).toMatchObject({ baseLayer: 0, index: 4, length: 4, proofLayers: 0 })
    if (request === undefined) return
    expect(trees.answer(request)).toBeUndefined()
    expect(trees.answer(request, hashBlocks(content.subarray(4 * BLOCK)))).toHaveLength(4 * 32)
    content[5 * BLOCK] = (content[5 * BLOCK] ?? 0) + 1
    expect(trees.answer(request, hashBlocks(content.subarray(4 * BLOCK)))).toBeUndefined()
  })

  it('know the leaves of a piece, also of the last one and of a file below a piece', () => {
    fc.assert(
      fc.property(lengths, pieceLengths, (sizes, pieceLengthBytes) => {
        const { trees, naive } = sample(sizes, pieceLengthBytes)
        for (const { content, firstPiece } of naive) {
          const last = Math.ceil(content.length / pieceLengthBytes) - 1
          const leaves = hashBlocks(content.subarray(last * pieceLengthBytes))
          const request = trees.leafRequest(firstPiece + last)
          expect(request === undefined).toBe(trees.leafCountOf(firstPiece + last) === 1)
          if (request === undefined) continue
          const answer = trees.answer(request, leaves) ?? new Uint8Array()
          expect(trees.provesLeaves(firstPiece + last, answer)).toBe(true)
          expect(answer.subarray(0, leaves.length)).toEqual(leaves)
          answer[0] = (answer[0] ?? 0) ^ 1
          expect(trees.provesLeaves(firstPiece + last, answer)).toBe(false)
          expect(trees.provesLeaves(firstPiece + last, answer.subarray(32))).toBe(false)
        }
      }),
      { numRuns: 30 },
    )
  })

  it.each<[string, Partial<HashRequest>]>([
    ['a file that is not there', { root: new Uint8Array(32).fill(7) }],
    ['no hash at all', { length: 0 }],
    ['a length that is no power of two', { length: 3, index: 0 }],
    ['a negative length', { length: -4 }],
    ['more than there is', { length: 16, index: 0 }],
    ['more than anybody asks for', { baseLayer: 0, length: 16_384, index: 0 }],
    ['a stretch that starts at no multiple of its length', { length: 4, index: 2 }],
    ['a stretch behind the end', { length: 4, index: 8 }],
    ['the root', { baseLayer: 5, length: 1, index: 0 }],
    ['a layer above the root', { baseLayer: 4_000_000_000 }],
    ['a proof up to the root itself', { proofLayers: 3 }],
    ['a proof beyond everything', { proofLayers: 4_000_000_000 }],
  ])('answer nothing to who asks for %s', (_, changes) => {
    const { trees, naive } = sample([32 * BLOCK], 4 * BLOCK)
    const request = { root: naive[0]?.tree.root ?? new Uint8Array(), baseLayer: 2, index: 4, length: 4, proofLayers: 2 }
    expect(trees.answer(request)).toBeDefined()
    expect(trees.answer({ ...request, ...changes })).toBeUndefined()
    expect(trees.pieceBelow({ ...request, ...changes })).toBeUndefined()
  })

  it.each([
    [32 * MiB, 2_048],
    [64 * MiB, undefined],
  ])('ask for the leaves of a piece of %i bytes only if they fit into a message', (pieceLengthBytes, length) => {
    const file = { path: ['a'], lengthBytes: 2 * pieceLengthBytes, offsetBytes: 0, piecesRoot: new Uint8Array(32).fill(1) }
    const request = new MerkleTrees({ files: [file], pieceLengthBytes }, new Map()).leafRequest(1)
    expect(request?.length).toBe(length)
    if (request === undefined) return
    const answer = encodeHashMessage({ kind: 'hashes', request, hashes: new Uint8Array(request.length * 32) })
    expect(1 + answer.length).toBeLessThan(MAX_MESSAGE_BYTES)
  })

  it('are one for files with the same content', () => {
    const content = contentOf(5 * BLOCK, 0)
    const tree = new NaiveMerkleTree(content)
    const file = { path: ['a'], lengthBytes: content.length, piecesRoot: tree.root }
    const files = [
      { ...file, offsetBytes: 0 },
      { ...file, offsetBytes: 6 * BLOCK },
    ]
    const trees = new MerkleTrees({ files, pieceLengthBytes: 2 * BLOCK }, new Map())
    const requests = [...trees.missing()]
    expect(requests).toHaveLength(1)
    for (const request of requests) trees.add(request, expectedAnswer(tree, request))
    expect(trees.isComplete).toBe(true)
    for (const piece of [0, 1, 2]) expect(trees.hashOf(piece)).toEqual(trees.hashOf(3 + piece))
    expect(trees.hashOf(6)).toBeUndefined()
  })
})
