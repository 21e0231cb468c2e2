import type { RunDescription } from '../../../../src/app/control/run-port.ts'

/** A seed that nobody asks. */
export const sampleDescription: RunDescription = {
  verb: 'seed',
  infoHash: 'c12fe1c06bba254a9dc9f519b335aa7c1367a88a',
  name: 'app',
  path: '/srv/app',
  state: 'seed',
  bytesDone: 5,
  bytesTotal: 5,
  downBytesPerSecond: 0,
  upBytesPerSecond: 1.5,
  peers: 0,
  seeds: 0,
  startedAt: '2026-01-02T03:04:05.000Z',
  listen: ['127.0.0.1:6881'],
}
