import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { NetworkRequest } from '../../../src/app/network/network-request.ts'

const stateDirs = mkdtempSync(join(tmpdir(), 'distro-test-state-'))
afterAll(() => rm(stateDirs, { recursive: true, force: true }))
let hosts = 0

/** A network request that stays on loopback and asks nobody but the peers that it names; of a host of its own, unless it names a state folder. */
export function loopback(changes: Partial<NetworkRequest> = {}): NetworkRequest {
  return {
    port: 0,
    bindAddress: '127.0.0.1',
    peers: [],
    usesDht: false,
    dhtBootstrap: [],
    usesLocalDiscovery: false,
    usesPeerExchange: true,
    trackers: [],
    upBytesPerSecond: Number.POSITIVE_INFINITY,
    downBytesPerSecond: Number.POSITIVE_INFINITY,
    maxPeers: 50,
    timeoutMs: undefined,
    zone: undefined,
    stallTimeoutMs: undefined,
    stateDir: join(stateDirs, String(++hosts)),
    ...changes,
  }
}
