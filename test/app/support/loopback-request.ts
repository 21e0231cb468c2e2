import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { NetworkRequest } from '../../../src/app/network-request.ts'

const stateDir = mkdtempSync(join(tmpdir(), 'distro-test-state-'))
afterAll(() => rm(stateDir, { recursive: true, force: true }))

/** A network request that stays on loopback and asks nobody but the peers that it names. */
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
    stateDir,
    ...changes,
  }
}
