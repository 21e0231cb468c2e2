import { equalBytes } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import { decodeHandshake, encodeHandshake, HANDSHAKE_BYTES, startsLikeHandshake } from './handshake.ts'
import type { OwnHandshake, PeerHandshake } from './link.ts'
import type { PeerSocket } from './peer-socket.ts'
import { SocketLink } from './socket-link.ts'

/** From the first moment of a connection to the last byte of the peer's handshake. */
export const HANDSHAKE_TIMEOUT_MS = 10_000

/** How an exchange of handshakes ended: as `DialOutcome`, with the link as a class. */
export type ExchangeOutcome =
  | { readonly link: SocketLink }
  | { readonly failure: string; readonly spokeBitTorrent: boolean; readonly isSelf?: boolean; readonly isTurnedAway?: boolean }

/** Which side we are on: the one that connected speaks first, the other answers once it knows which torrent is meant. */
export type ExchangeRole =
  | { readonly direction: 'outgoing'; readonly own: OwnHandshake }
  | { readonly direction: 'incoming'; accepts(infoHash: Uint8Array): OwnHandshake | undefined }

/**
 * Exchanges handshakes on a connected socket within ten seconds, however slowly the bytes drip, and calls `done` once; on failure
 * the socket is destroyed by then. The function that is returned gives up without calling `done`.
 */
export function exchangeHandshakes(
  socket: PeerSocket,
  role: ExchangeRole,
  clock: Clock,
  done: (outcome: ExchangeOutcome) => void,
): () => void {
  const received = Buffer.alloc(HANDSHAKE_BYTES)
  let receivedBytes = 0
  let isOver = false
  const finish = (outcome: ExchangeOutcome): void => {
    if (isOver) return
    isOver = true
    timer.cancel()
    if ('failure' in outcome) socket.destroy()
    done(outcome)
  }
  const fail = (failure: string, spokeBitTorrent: boolean): void => finish({ failure, spokeBitTorrent })
  const timer = clock.after(HANDSHAKE_TIMEOUT_MS, () => fail('no handshake within 10 s', false))

  socket.listen({
    onBytes(chunk, start, end) {
      const taken = Math.min(HANDSHAKE_BYTES - receivedBytes, end - start)
      chunk.copy(received, receivedBytes, start, start + taken)
      receivedBytes += taken
      if (!startsLikeHandshake(received, receivedBytes)) {
        fail('the peer does not speak BitTorrent', false)
        return
      }
      if (receivedBytes < HANDSHAKE_BYTES) return
      const answer = judge(received, role)
      if ('failure' in answer) {
        // Our other end learns only from our answer that it has dialled itself.
        if (role.direction === 'incoming' && answer.own !== undefined) socket.write(encodeHandshake(answer.own), () => {})
        const why = { ...(answer.failure === SELF ? { isSelf: true } : {}), ...(answer.failure === ANOTHER ? { isTurnedAway: true } : {}) }
        finish({ failure: answer.failure, spokeBitTorrent: true, ...why })
        return
      }
      const link = new SocketLink(socket, role.direction, answer.peer)
      if (role.direction === 'incoming') link.sendHandshake(encodeHandshake(answer.own))
      finish({ link })
      link.onBytes(chunk, start + taken, end)
    },
    onGone: (failure) => finish({ failure, spokeBitTorrent: false, isTurnedAway: true }),
  })
  if (role.direction === 'outgoing') socket.write(encodeHandshake(role.own), () => {})
  return () => {
    if (isOver) return
    isOver = true
    timer.cancel()
    socket.destroy()
  }
}

const SELF = 'connected to itself'
const ANOTHER = 'the peer wants another torrent'

function judge(
  bytes: Uint8Array,
  role: ExchangeRole,
): { own: OwnHandshake; peer: PeerHandshake } | { failure: string; own?: OwnHandshake } {
  const handshake = decodeHandshake(bytes)
  if (!handshake.ok) return { failure: handshake.fault }
  const peer = handshake.value
  const known = role.direction === 'outgoing' ? role.own : role.accepts(peer.infoHash)
  if (known === undefined) return { failure: ANOTHER }
  const shortV2 = known.infoHashV2?.subarray(0, known.infoHash.length)
  const isV2 = shortV2 !== undefined && equalBytes(shortV2, peer.infoHash)
  if (!isV2 && !equalBytes(known.infoHash, peer.infoHash)) return { failure: ANOTHER }
  const supportsV2 = shortV2 !== undefined && (isV2 || peer.supportsV2)
  // Who dials with the hash of v1 and can do v2 as well learns from the other hash that we can, too (BEP 52).
  const own = supportsV2 ? { ...known, infoHash: shortV2 } : known
  if (equalBytes(own.peerId, peer.peerId)) return { failure: SELF, own }
  return { own, peer: { ...peer, supportsV2 } }
}
