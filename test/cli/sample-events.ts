import type { DoneEvent, ProgressEvent, SwitchedEvent } from '../../src/app/events.ts'

const bytesTotal = 2 ** 28

/** The figures of a fetch of 256 MiB when `share` of it is done. */
export function progressAt(share: number): ProgressEvent {
  const bytesDone = share * bytesTotal
  return {
    phase: 'fetch',
    bytesDone,
    bytesTotal,
    bytesPerSecond: 92 * 2 ** 20,
    downBytesPerSecond: 92 * 2 ** 20,
    upBytesPerSecond: 2 ** 20,
    peers: 5,
    seeds: 2,
    webSeeds: 0,
    etaSeconds: 1.4,
    bySource: { peers: bytesDone, webSeeds: 0, local: 0 },
  }
}

/** The end of that fetch. */
export const sampleDone: DoneEvent = {
  path: '/srv/app',
  infoHash: 'c12fe1c06bba254a9dc9f519b335aa7c1367a88a',
  name: 'app',
  bytes: bytesTotal,
  seconds: 2.8,
  downloaded: bytesTotal,
  uploaded: 0,
  bySource: { peers: bytesTotal, webSeeds: 0, local: 0 },
}

/** The switch to what it fetched. */
export const sampleSwitch: SwitchedEvent = {
  verb: 'fetch',
  dir: '/srv/app',
  current: '/srv/app/current',
  release: 'app-c12fe1c06bba',
  path: '/srv/app/app-c12fe1c06bba',
  previous: 'app-160f240d998f',
  infoHash: 'c12fe1c06bba254a9dc9f519b335aa7c1367a88a',
  name: 'app',
  bytes: bytesTotal,
}
