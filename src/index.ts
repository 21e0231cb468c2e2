/** The library door: the verbs as functions, their types, and the one error class. Nothing else is public. */

export type { RunSummary, WebSeedChange } from './app/control/control-answer.ts'
export type { RunDescription, WebSeedStatus } from './app/control/run-port.ts'
export type { CopiesWanted } from './app/copies-goal.ts'
export { create } from './app/create.ts'
export type { CreateRequest, CreateResult } from './app/create-request.ts'
export { dht } from './app/dht.ts'
export type { DhtRequest } from './app/dht-request.ts'
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
export type { ExpectedHost } from './app/expected-hosts.ts'
export { fetch } from './app/fetch.ts'
export type { FetchedFile, FetchRequest, FetchResult, ReleasesRequest } from './app/fetch-request.ts'
export type { HandoverTerms } from './app/handover.ts'
export type { ExpectedCounts, HostRecord, HostState } from './app/host-roll.ts'
export { info } from './app/info.ts'
export type { InfoRequest, TorrentSummary } from './app/info-request.ts'
export type { NetworkRequest } from './app/network-request.ts'
export { ps } from './app/ps.ts'
export type { PsRequest, PsResult } from './app/ps-request.ts'
export type { ExpectedHosts } from './app/read-expected-hosts.ts'
export { rollback } from './app/rollback.ts'
export type { RollbackRequest, RollbackResult } from './app/rollback-request.ts'
export { seed } from './app/seed.ts'
export type { SeedRequest, SeedResult } from './app/seed-request.ts'
export { verify } from './app/verify.ts'
export type { DamagedFile, VerifyRequest, VerifyResult } from './app/verify-request.ts'
export { wait } from './app/wait.ts'
export type { WaitRequest, WaitResult } from './app/wait-request.ts'
export { webSeed } from './app/web-seed.ts'
export type { WebSeedAction, WebSeedRequest, WebSeedResult } from './app/web-seed-request.ts'
export type { PeerAddress, PeerOrigin } from './base/address.ts'
export { DistroError, type ErrorCode } from './base/errors.ts'
export { Events } from './base/events.ts'
