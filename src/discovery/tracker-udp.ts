import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import type { Clock } from '../base/clock.ts'
import { type Decoded, decoded, undecodable } from '../base/decoded.ts'
import { mayDial } from '../base/network-scope.ts'
import { openFileLimit } from '../base/open-file-limit.ts'
import type { Random } from '../base/random.ts'
import { resolveHost } from './resolve-host.ts'
import type { TrackerAnnounce, TrackerClient, TrackerReply } from './tracker-announce.ts'
import { decodeUdpAnnounceReply, decodeUdpConnection, encodeUdpAnnounce, encodeUdpConnect, udpTransactionId } from './tracker-udp-packet.ts'

/** BEP 15: a connection id is good for a minute. */
const CONNECTION_LIFETIME_MS = 60_000
/** BEP 15 repeats after 15 * 2^n seconds; we give up after the third try, since other trackers and the DHT are asked meanwhile. */
const RETRY_AFTER_MS = [15_000, 30_000, 60_000] as const

interface Connection {
  readonly host: string
  readonly id: Uint8Array
  readonly untilMs: number
}

/** A tracker over UDP (BEP 15, 41), IPv4 or IPv6. Only datagrams from the address that was asked, with the random id that was sent, count. */
export class TrackerUdp implements TrackerClient {
  readonly #url: URL
  readonly #clock: Clock
  readonly #random: Random
  #connection: Connection | undefined

  constructor(url: URL, clock: Clock, random: Random) {
    this.#url = url
    this.#clock = clock
    this.#random = random
  }

  async announce(announce: TrackerAnnounce, signal: AbortSignal): Promise<Decoded<TrackerReply>> {
    const [host] = await resolveHost(this.#url.hostname.replace(/^\[|\]$/g, ''), 0, signal)
    if (signal.aborted) return undecodable('we left before it answered')
    if (host === undefined) return undecodable('its name was not found')
    if (!mayDial({ host, port: 1 }, 'host')) return undecodable('its address is not one that may be asked')
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
    // A refusal may come back between two questions, when nobody waits for it.
    socket.on('error', () => {})
    try {
      socket.connect(Number(this.#url.port), host)
      await once(socket, 'connect')
      return await this.#announceOver(socket, host, announce, signal)
    } catch (error) {
      return undecodable(openFileLimit(error)?.reason ?? 'the system does not let us send to it')
    } finally {
      socket.close()
    }
  }

  async #announceOver(socket: Socket, host: string, announce: TrackerAnnounce, signal: AbortSignal): Promise<Decoded<TrackerReply>> {
    const connection = await this.#connect(socket, host, signal)
    if (!connection.ok) return connection
    const path = `${this.#url.pathname}${this.#url.search}`
    const answer = await this.#exchange(socket, (id) => encodeUdpAnnounce(announce, connection.value, id, path), signal)
    if (!answer.ok) return answer
    const reply = decodeUdpAnnounceReply(answer.value, isIPv6(host) ? 16 : 4)
    // The tracker may have forgotten the connection; the next announce makes a new one.
    if (!reply.ok) this.#connection = undefined
    return reply
  }

  async #connect(socket: Socket, host: string, signal: AbortSignal): Promise<Decoded<Uint8Array>> {
    const known = this.#connection
    if (known !== undefined && known.host === host && known.untilMs > this.#clock.nowMs()) return decoded(known.id)
    const untilMs = this.#clock.nowMs() + CONNECTION_LIFETIME_MS
    const answer = await this.#exchange(socket, encodeUdpConnect, signal)
    if (!answer.ok) return answer
    const id = decodeUdpConnection(answer.value)
    if (id.ok) this.#connection = { host, id: id.value, untilMs }
    return id
  }

  /** Sends a packet, again if need be, until its answer comes. */
  #exchange(socket: Socket, encode: (transactionId: number) => Uint8Array, signal: AbortSignal): Promise<Decoded<Uint8Array>> {
    const id = Buffer.from(this.#random.bytes(4)).readUInt32BE(0)
    const packet = encode(id)
    return new Promise((resolve) => {
      let timer = this.#clock.after(0, () => attempt(0))
      const settle = (outcome: Decoded<Uint8Array>): void => {
        timer.cancel()
        socket.off('message', onMessage).off('error', onError)
        signal.removeEventListener('abort', onAbort)
        resolve(outcome)
      }
      const onMessage = (bytes: Uint8Array): void => {
        if (udpTransactionId(bytes) === id) settle(decoded(bytes))
      }
      const onError = (): void => settle(undecodable('nothing listens there'))
      const onAbort = (): void => settle(undecodable('we left before it answered'))
      const attempt = (tries: number): void => {
        const delayMs = RETRY_AFTER_MS[tries]
        if (delayMs === undefined) settle(undecodable('it gave no answer'))
        else {
          socket.send(packet)
          timer = this.#clock.after(delayMs, () => attempt(tries + 1))
        }
      }
      socket.on('message', onMessage).on('error', onError)
      signal.addEventListener('abort', onAbort)
      if (signal.aborted) onAbort()
    })
  }
}
