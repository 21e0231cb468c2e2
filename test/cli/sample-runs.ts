import type { RunSummary } from '../../src/app/control/control-answer.ts'
import type { WebSeedStatus } from '../../src/app/control/run-port.ts'

/** A fetch at two thirds. */
export const sampleRun: RunSummary = {
  id: 'k3m9',
  pid: 4_242,
  verb: 'fetch',
  infoHash: 'c12fe1c06bba254a9dc9f519b335aa7c1367a88a',
  name: 'app',
  path: '/srv/app',
  state: 'fetch',
  bytesDone: 178_956_970,
  bytesTotal: 268_435_456,
  downBytesPerSecond: 96_468_992,
  upBytesPerSecond: 1_048_576,
  peers: 9,
  seeds: 1,
  webSeeds: 1,
  startedAt: '2026-01-02T03:00:45.000Z',
  listen: ['10.0.0.7:6881'],
}

/** A mirror that is left alone for a moment. */
export const sampleWebSeed: WebSeedStatus = {
  label: 'https://mirror.example/',
  state: 'waiting',
  downloadedBytes: 50_331_648,
  bytesPerSecond: 0,
  strikes: 0,
  lastFailure: 'https://mirror.example/app/app answers with HTTP status 503: it asks to be left alone for a while.',
  retryInMs: 5_000,
  namedBy: 'operator',
}
