import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { encodeHandshake } from '../../src/wire/handshake.ts'
import type { OwnHandshake } from '../../src/wire/link.ts'
import { Host, infoHash, own, RawPeer } from './support/loopback.ts'
import { plainServer } from './support/plain-server.ts'
import { Recorder } from './support/recorder.ts'

describe('a torrent with a v2 half', () => {
  const infoHashV2 = new Uint8Array(32).fill(0x22)
  const shortV2 = infoHashV2.subarray(0, 20)
  const v1 = (letter: string): OwnHandshake => own(letter)
  const hybrid = (letter: string): OwnHandshake => ({ ...own(letter), infoHashV2 })
  const v2 = (letter: string): OwnHandshake => ({ ...own(letter), infoHash: shortV2, infoHashV2 })
  const reservedByte = 27

  test.each<[string, OwnHandshake, OwnHandshake, Uint8Array | undefined]>([
    ['both know both halves', hybrid('a'), hybrid('b'), shortV2],
    ['both know v2 alone', v2('a'), v2('b'), shortV2],
    ['v2 is dialled where both are known', v2('a'), hybrid('b'), shortV2],
    ['the dialler knows v1 alone', v1('a'), hybrid('b'), undefined],
    ['the dialled knows v1 alone', hybrid('a'), v1('b'), undefined],
  ])('speaks v2 where both sides can: %s', async (_title, dials, answers, spoken) => {
    const accepts = (hash: Uint8Array): OwnHandshake | undefined =>
      [answers.infoHash, answers.infoHashV2?.subarray(0, 20)].some((known) => known !== undefined && Buffer.compare(known, hash) === 0)
        ? answers
        : undefined
    await using one = await Host.start('a')
    await using other = await Host.start('b', { accepts })
    const [accepted, outcome] = await Promise.all([other.nextLink(), one.dial(other.port, dials)])
    const dialled = 'link' in outcome ? outcome.link.peer : undefined
    expect([dialled?.supportsV2, accepted.peer.supportsV2]).toEqual([spoken !== undefined, spoken !== undefined])
    expect(Buffer.from(dialled?.infoHash ?? [])).toEqual(Buffer.from(spoken ?? infoHash))
  })

  test('is dialled with the hash of v1 and the bit of v2, and an answer with either hash is taken', async () => {
    for (const [answer, supportsV2] of [
      [shortV2, true],
      [infoHash, false],
    ] as const) {
      let heard = Buffer.alloc(0)
      await using server = await plainServer((socket) => {
        socket.on('data', (chunk) => {
          heard = Buffer.concat([heard, chunk])
          if (heard.length === 68) socket.write(encodeHandshake({ infoHash: answer, peerId: own('b').peerId, supportsDht: false }))
        })
      })
      await using host = await Host.start('a')
      const outcome = await host.dial(server.port, hybrid('a'))
      expect(heard.subarray(28, 48)).toEqual(Buffer.from(infoHash))
      expect((heard[reservedByte] ?? 0) & 0x10).toBe(0x10)
      expect('link' in outcome && outcome.link.peer.supportsV2).toBe(supportsV2)
    }
  })

  test('is nothing to a peer that answers with another hash', async () => {
    await using server = await plainServer((socket) => {
      socket.once('data', () =>
        socket.write(encodeHandshake({ infoHash: new Uint8Array(20).fill(0x33), peerId: own('b').peerId, supportsDht: false })),
      )
    })
    await using host = await Host.start('a')
    expect(await host.dial(server.port, hybrid('a'))).toMatchObject({ failure: 'the peer wants another torrent', isTurnedAway: true })
  })

  test('leaves the bit away while its v2 half is not known', async () => {
    await using host = await Host.start('a')
    await using raw = await RawPeer.connect(host.port)
    raw.send(RawPeer.handshake())
    const link = await host.nextLink()
    link.attach(new Recorder())
    await once(raw.socket, 'data')
    expect((raw.received[reservedByte] ?? 0) & 0x10).toBe(0)
  })
})
