import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { dht } from '../../../src/app/network/dht.ts'
import type { PeerAddress } from '../../../src/base/address.ts'
import { Events } from '../../../src/base/events.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

/** Runs a node until `whileListening` is done with it. */
async function withNode(
  detail: { port?: number; bootstrap?: readonly PeerAddress[]; stateDir: string },
  whileListening: (address: PeerAddress) => Promise<void> | void,
): Promise<void> {
  const controller = new AbortController()
  const request = { port: detail.port ?? 0, bindAddress: '127.0.0.1', bootstrap: detail.bootstrap ?? [], stateDir: detail.stateDir }
  let used: Promise<void> | undefined
  const listening = (address: PeerAddress): void => {
    used = Promise.resolve(whileListening(address)).finally(() => controller.abort())
  }
  await dht(request, listening, new Events(), controller.signal)
  await used
}

describe('dht', () => {
  it('tells its address once it listens and resolves when it is stopped', async () => {
    const stateDir = await temporaryFolder()
    let told: PeerAddress | undefined
    await withNode({ stateDir }, (address) => {
      told = address
    })
    expect(told).toMatchObject({ host: '127.0.0.1', port: expect.any(Number) })
  })

  it('rejects with LISTEN_FAILED when its port is taken', async () => {
    const stateDir = await temporaryFolder()
    await withNode({ stateDir }, async ({ port }) => {
      await expect(withNode({ stateDir: join(stateDir, 'other'), port }, () => undefined)).rejects.toMatchObject({ code: 'LISTEN_FAILED' })
    })
  })

  it('needs no state folder to exist, and no name to resolve', async () => {
    const stateDir = await temporaryFolder()
    await withNode({ stateDir: join(stateDir, 'new'), bootstrap: [{ host: 'name.invalid', port: 1 }] }, () => undefined)
    expect((await readdir(stateDir)).filter((name) => name !== 'new')).toEqual([])
  })
})
