import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PeerAddress } from '../../src/base/address.ts'
import { checkKrpc, type KrpcMessage } from '../../src/discovery/krpc-guard.ts'
import { MAX_REPLY_BYTES, rewriteAnswer, rewriteQuestion, trimReply } from '../../src/discovery/krpc-rewrite.ts'
import { asBytes, asDictionary, asInteger, asList, type BencodeDictionary } from '../../src/torrent/bencode.ts'
import { compactNode, compactPeer, fieldsOf, question, reply } from './support/krpc-sample.ts'

const everyone = (): boolean => true
const transaction = Uint8Array.of(1, 2, 3, 4)

describe('rewriteQuestion', () => {
  test('replaces the transaction id and nothing else', () => {
    const bytes = question('get_peers')
    const rewritten = fieldsOf(rewriteQuestion(bytes, sound(bytes), transaction, false))
    expect(rewritten.get('t')).toEqual(transaction)
    expect(new Map(rewritten).set('t', Buffer.from('aa'))).toEqual(new Map(fieldsOf(bytes)).set('t', Buffer.from('aa')))
  })

  test.each(['ping', 'find_node', 'get_peers', 'announce_peer', 'get', 'put'])('marks a read-only %s and leaves it canonical', (method) => {
    const bytes = question(method)
    const rewritten = rewriteQuestion(bytes, sound(bytes), transaction, true)
    expect(sound(rewritten)).toMatchObject({ method, isReadOnly: true })
    expect(asInteger(fieldsOf(rewritten).get('ro'))).toBe(1)
  })

  test('does not mark twice', () => {
    const bytes = question('ping', {}, { ro: 1 })
    expect(sound(rewriteQuestion(bytes, sound(bytes), transaction, true)).isReadOnly).toBe(true)
  })
})

describe('rewriteAnswer', () => {
  test('keeps the nodes and peers that are wanted, in their order', () => {
    const wanted = ({ port }: PeerAddress): boolean => port % 2 === 0
    const nodes = Buffer.concat([compactNode(1, '10.0.0.1', 1), compactNode(2, '10.0.0.2', 2), compactNode(3, '10.0.0.3', 4)])
    const values = [compactPeer('10.0.0.4', 6), compactPeer('10.0.0.5', 7), compactPeer('10.0.0.6', 8)]
    const bytes = reply({ nodes, values, token: 'x' })
    const result = resultOf(rewriteAnswer(bytes, sound(bytes), transaction, wanted))
    expect(asBytes(result.get('nodes'))).toEqual(Uint8Array.from([...compactNode(2, '10.0.0.2', 2), ...compactNode(3, '10.0.0.3', 4)]))
    expect(asList(result.get('values'))).toEqual([compactPeer('10.0.0.4', 6), compactPeer('10.0.0.6', 8)])
  })

  test('believes at most 32 nodes and 100 peers', () => {
    const nodes = new Uint8Array(26 * 60).fill(1)
    const values = Array.from({ length: 150 }, () => compactPeer('1.2.3.4', 5))
    const manyNodes = reply({ nodes })
    const manyPeers = reply({ values })
    expect(asBytes(resultOf(rewriteAnswer(manyNodes, sound(manyNodes), transaction, everyone)).get('nodes'))?.length).toBe(26 * 32)
    expect(asList(resultOf(rewriteAnswer(manyPeers, sound(manyPeers), transaction, everyone)).get('values'))?.length).toBe(100)
  })

  test('leaves every message sound, whatever is wanted', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.nat(120), fc.uint8Array({ minLength: 1, maxLength: 32 }), fc.nat(9), (nodes, peers, t, divisor) => {
        const values = Array.from({ length: peers }, (_, index) => compactPeer('9.8.7.6', index + 1))
        const compact = Buffer.concat(Array.from({ length: nodes }, (_, index) => compactNode(index, '5.6.7.8', index + 1)))
        const bytes = reply({ nodes: compact, values, token: 'token' }, { t })
        const rewritten = rewriteAnswer(bytes, sound(bytes), Uint8Array.of(7, 7), ({ port }) => port % (divisor + 1) !== 0)
        const message = sound(rewritten)
        expect(rewritten.subarray(message.transactionStart, message.transactionEnd)).toEqual(Uint8Array.of(7, 7))
      }),
      { numRuns: 200 },
    )
  })
})

describe('trimReply', () => {
  test('passes a short reply as it is', () => {
    const bytes = reply({ nodes: new Uint8Array(26 * 8), values: [compactPeer('1.2.3.4', 5)] })
    expect(trimReply(bytes, sound(bytes))).toBe(bytes)
  })

  test('keeps the 8 nearest nodes and 25 peers', () => {
    const nodes = Buffer.concat(Array.from({ length: 100 }, (_, index) => compactNode(index, '5.6.7.8', index + 1)))
    const values = Array.from({ length: 3_000 }, (_, index) => compactPeer('9.8.7.6', index + 1))
    const bytes = reply({ nodes, values, token: new Uint8Array(20) })
    const trimmed = trimReply(bytes, sound(bytes))
    expect(trimmed?.length).toBeLessThanOrEqual(MAX_REPLY_BYTES)
    const result = resultOf(trimmed ?? new Uint8Array())
    expect(asBytes(result.get('nodes'))).toEqual(new Uint8Array(nodes.subarray(0, 26 * 8)))
    expect(asList(result.get('values'))).toEqual(values.slice(0, 25))
  })

  test('gives up on what is long for other reasons', () => {
    const bytes = reply({ v: new Uint8Array(990) })
    expect(trimReply(bytes, sound(bytes))).toBeUndefined()
  })
})

function sound(bytes: Uint8Array): KrpcMessage {
  const checked = checkKrpc(bytes, 65_536)
  if (!checked.ok) throw new Error(`refused: ${checked.fault}`)
  return checked.value
}

function resultOf(bytes: Uint8Array): BencodeDictionary {
  const result = asDictionary(fieldsOf(bytes).get('r'))
  if (result === undefined) throw new Error('no result')
  return result
}
