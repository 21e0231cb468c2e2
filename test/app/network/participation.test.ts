import { expect, it } from 'vitest'
import type { VerbEvents } from '../../../src/app/events.ts'
import { Participation } from '../../../src/app/network/participation.ts'
import { Events } from '../../../src/base/events.ts'
import { freePort } from '../../support/free-port.ts'
import { loopback } from '../support/loopback-request.ts'

it('who takes part knows of each peer that was named, and of each way of finding others, what came of it', async () => {
  const [peer, tracker] = [await freePort(), await freePort()]
  const peers = [
    { host: '127.0.0.1', port: peer },
    { host: 'nobody.invalid', port: 9 },
  ]
  const events = new Events<VerbEvents>()
  const warnings: string[] = []
  const allTold = new Promise<void>((resolve) =>
    events.on('warning', ({ message }) => {
      if (warnings.push(message) === 3) resolve()
    }),
  )
  const identity = { infoHash: new Uint8Array(20), isPrivate: false, trackers: [], magnetPeers: [], bytesLeft: undefined, isBrief: true }
  const request = loopback({ peers, trackers: [`http://127.0.0.1:${tracker}/announce`] })
  const participation = await Participation.join(request, identity, events)
  try {
    await allTold
    expect(participation.search).toEqual({
      named: [`127.0.0.1:${peer} (the connection was refused)`, 'nobody.invalid:9 (its name was not found)'],
      ways: [`the tracker http://127.0.0.1:${tracker} (nothing listens there)`],
    })
  } finally {
    await participation.stop()
  }
})
