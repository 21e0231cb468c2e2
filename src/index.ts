/** The library door: the verbs as functions, their types, and the one error class. Nothing else is public. */

export type { RunSummary, WebSeedChange } from './app/control/control-answer.ts'
export { ps } from './app/control/ps.ts'
export type { PsRequest, PsResult } from './app/control/ps-request.ts'
export type { RunDescription, WebSeedStatus } from './app/control/run-port.ts'
export type { CopiesWanted } from './app/copies/copies-goal.ts'
export type { ExpectedHost } from './app/copies/expected-hosts.ts'
export type { ExpectedCounts, HostRecord, HostState } from './app/copies/host-roll.ts'
export type { ExpectedHosts } from './app/copies/read-expected-hosts.ts'
export { wait } from './app/copies/wait.ts'
export type { WaitRequest, WaitResult } from './app/copies/wait-request.ts'
export type {
  BytesBySource,
  CopiesEvent,
  CopyHost,
  DoneEvent,
  HandoverEvent,
  HostsEvent,
  HttpTraffic,
  MetadataEvent,
  PeerEvent,
  Phase,
  ProgressEvent,
  ReadyEvent,
  ReleaseRemovedEvent,
  SwitchedEvent,
  VerbEvents,
  WarningEvent,
  ZoneTraffic,
} from './app/events.ts'
export { fetch } from './app/fetch/fetch.ts'
export type { FetchedFile, FetchRequest, FetchResult, ReleasesRequest } from './app/fetch/fetch-request.ts'
export { dht } from './app/network/dht.ts'
export type { DhtRequest } from './app/network/dht-request.ts'
export type { NetworkRequest } from './app/network/network-request.ts'
export { rollback } from './app/releases/rollback.ts'
export type { RollbackRequest, RollbackResult } from './app/releases/rollback-request.ts'
export { info } from './app/resolve/info.ts'
export type { InfoRequest, TorrentSummary } from './app/resolve/info-request.ts'
export type { HandoverTerms } from './app/seed/handover.ts'
export { seed } from './app/seed/seed.ts'
export type { SeedRequest, SeedResult } from './app/seed/seed-request.ts'
export { create } from './app/torrents/create.ts'
export type { CreateRequest, CreateResult } from './app/torrents/create-request.ts'
export { verify } from './app/torrents/verify.ts'
export type { DamagedFile, VerifyRequest, VerifyResult } from './app/torrents/verify-request.ts'
export { webSeed } from './app/web-seeds/web-seed.ts'
export type { WebSeedAction, WebSeedRequest, WebSeedResult } from './app/web-seeds/web-seed-request.ts'
export type { PeerAddress, PeerOrigin } from './base/address.ts'
export { DistroError, type ErrorCode } from './base/errors.ts'
export { Events } from './base/events.ts'
