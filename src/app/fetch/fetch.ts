import { basename, dirname, join } from 'node:path'
import { toHex } from '../../base/bytes.ts'
import { DistroError } from '../../base/errors.ts'
import type { Events } from '../../base/events.ts'
import { secondsOf } from '../../base/seconds-of.ts'
import { systemClock } from '../../base/system-clock.ts'
import { systemRandom } from '../../base/system-random.ts'
import type { FetchPlace, FetchStoreOptions } from '../../store/fetch-options.ts'
import { FetchStore } from '../../store/fetch-store.ts'
import { surveyFetch } from '../../store/survey-fetch.ts'
import type { InfoDictionary } from '../../torrent/info.ts'
import { formatMagnet } from '../../torrent/magnet.ts'
import type { MerkleTrees } from '../../torrent/merkle-trees.ts'
import { BulkProgress } from '../bulk-progress.ts'
import { bytesBySource } from '../bytes-by-source.ts'
import { ControlDoor } from '../control/control-door.ts'
import { EventedRun } from '../control/run-control.ts'
import { checkHostName, tellCopy, untilHeard } from '../copies/tell-copy.ts'
import type { VerbEvents } from '../events.ts'
import { HostTrees } from '../host-trees.ts'
import { metadataEvent } from '../metadata-event.ts'
import { FetchWatch } from '../network/fetch-watch.ts'
import { Participation } from '../network/participation.ts'
import { ProgressTicker } from '../progress-ticker.ts'
import { askPeers } from '../resolve/ask-peers.ts'
import { Deadline } from '../resolve/deadline.ts'
import { resolveTorrent, type SoughtTorrent } from '../resolve/resolve-torrent.ts'
import { merkleTreesOf } from '../torrents/merkle-trees-of.ts'
import { unlessAborted, untilAborted } from '../waiting.ts'
import { checkFolders } from '../web-seeds/check-folders.ts'
import { RunWebSeeds } from '../web-seeds/run-web-seeds.ts'
import { askedWebSeeds } from './asked-web-seeds.ts'
import { checkReuse } from './check-reuse.ts'
import { checkWebSeeds } from './check-web-seeds.ts'
import { fetchIdentity } from './fetch-identity.ts'
import { FetchLanding } from './fetch-landing.ts'
import type { FetchRequest, FetchResult } from './fetch-request.ts'
import { type FetchedFiles, fetchedFiles } from './fetched-files.ts'
import { forecastOf } from './forecast.ts'
import { PlacingProgress } from './placing-progress.ts'
import { seekLayers } from './seek-layers.ts'
import { selectFiles, selectWarnings } from './select-files.ts'
import { tellNamedPeers } from './tell-named-peers.ts'
import { whenBroken } from './when-broken.ts'

/** Downloads a torrent and puts it in place; see `FetchVerb`. */
export async function fetch(request: FetchRequest, events: Events<VerbEvents>, signal: AbortSignal): Promise<FetchResult> {
  checkHostName(request.hostName)
  await checkWebSeeds(request, undefined)
  await checkFolders(request.webSeeds, request.webSeedAccess.cwd)
  for (const message of await checkReuse(request.reuse)) events.emit('warning', { message })
  const sought = await resolveTorrent(request.id, request.network.timeoutMs, events, signal)
  const run = new FetchRun(request, sought, events, signal)
  try {
    return await run.fetch()
  } catch (error) {
    throw run.explain(error)
  } finally {
    await run.close()
  }
}

/** One fetch, from the first look at the disk to the last byte given to others. */
class FetchRun {
  readonly #startedMs = systemClock.nowMs()
  readonly #request: FetchRequest
  readonly #sought: SoughtTorrent
  readonly #events: Events<VerbEvents>
  readonly #signal: AbortSignal
  /** Nobody can act on a dry run. */
  readonly #door: ControlDoor | undefined
  readonly #webSeeds: RunWebSeeds
  readonly #landing: FetchLanding
  readonly #known: HostTrees | undefined
  #content: InfoDictionary | undefined
  /** What is known of the hashes of v2 (BEP 52). */
  #trees: MerkleTrees | undefined
  #store: FetchStore | undefined
  #participation: Participation | undefined
  #ticker: ProgressTicker | undefined
  #watch: FetchWatch | undefined
  /** Rejects when the transfer cannot go on. */
  #broken: Promise<never> = new Promise(() => undefined)
  #localBytes = 0
  readonly #placing: PlacingProgress

  constructor(request: FetchRequest, sought: SoughtTorrent, events: Events<VerbEvents>, signal: AbortSignal) {
    this.#request = request
    this.#sought = sought
    this.#events = events
    this.#signal = signal
    const { isDryRun, network, knownTrees = true } = request
    const { infoHash, name = null, content } = sought
    const state = content === undefined ? 'metadata' : 'check'
    this.#landing = new FetchLanding(request, events)
    this.#placing = new PlacingProgress(systemClock, events)
    this.#known = knownTrees ? new HostTrees(network.stateDir) : undefined
    const pathOf = (known: string | null): string => this.#landing.pathOf(known, infoHash)
    this.#webSeeds = new RunWebSeeds(request.webSeedAccess, events)
    const run = new EventedRun({ verb: 'fetch', infoHash: toHex(infoHash), name, state, pathOf }, events, this.#webSeeds)
    this.#door = isDryRun ? undefined : new ControlDoor(network.stateDir, run, events)
  }

  async fetch(): Promise<FetchResult> {
    const { seedForMs, isDryRun } = this.#request
    let content: InfoDictionary | undefined = this.#sought.content
    await this.#landing.open()
    if (content !== undefined) {
      await checkWebSeeds(this.#request, content)
      this.#introduce(content)
    }
    if (content !== undefined && this.#hasHashes && isDryRun) return this.#foresee(content)
    // With a .torrent at hand the disk is looked at first: what is in place already needs no network.
    let store = content === undefined || !this.#hasHashes ? undefined : await this.#openStore(content)
    if (store === undefined || content === undefined || !store.isPlaced || this.#staysAsSeed) {
      const { participation, watch } = await this.#join()
      if (content === undefined) {
        content = await askPeers(participation, watch, this.#signal, this.#sought)
        this.#introduce(content)
      }
      await seekLayers(participation, watch, this.#signal, content, this.#trees)
      if (isDryRun) return this.#foresee(content)
      await participation.joinOthers(content)
      store ??= await this.#openStore(content)
      await this.#download(participation, watch, content, store)
    }
    // The last figures of the download; what was in place before needs none.
    if (!store.isPlaced) this.#ticker?.tell()
    await this.#place(store, content)
    // Who leaves now gives nothing any more that were worth a line.
    if (!this.#staysAsSeed) this.#ticker?.stop()
    const result = this.#result(content)
    const told = await this.#tellCopy()
    this.#events.emit('done', result)
    if (this.#staysAsSeed && !this.#signal.aborted) await this.#stay(seedForMs)
    else if (told !== undefined) await untilHeard(told.heard, this.#signal)
    else if (this.#participation === undefined) await this.#tellNamed(content, store)
    return result
  }

  /** What `error`, which ended it, means for the person. */
  explain(error: unknown): unknown {
    return this.#landing.explain(error)
  }

  get #staysAsSeed(): boolean {
    return this.#request.keepSeeding || this.#request.seedForMs !== undefined
  }

  /** Lets go of everything that was opened, whatever happened. */
  async close(): Promise<void> {
    this.#watch?.stop()
    this.#ticker?.stop()
    this.#placing.end()
    await this.#door?.close()
    await this.#participation?.stop()
    await this.#webSeeds.close()
    await this.#store?.close()
    await this.#landing.close()
  }

  /** True once every piece can be checked by one hash or the other. */
  get #hasHashes(): boolean {
    return this.#content?.info.pieceHashes !== undefined || this.#trees?.isComplete === true
  }

  #introduce(content: InfoDictionary): void {
    this.#content = content
    this.#trees = merkleTreesOf({ ...content, pieceLayers: this.#sought.content?.pieceLayers ?? new Map() })
    this.#events.emit('metadata', metadataEvent(content))
    for (const message of selectWarnings(content.info, this.#request.select)) this.#events.emit('warning', { message })
  }

  async #openStore(content: InfoDictionary): Promise<FetchStore> {
    const options = await this.#storeOptions(content, await this.#landing.claim(content))
    const store = await FetchStore.open(options).finally(() => this.#placing.end())
    this.#store = store
    if (!store.isPlaced) this.#landing.warnOfPart(content, store.selection)
    this.#watch?.noteMove()
    for (const piece of store.verified.members()) this.#localBytes += store.geometry.pieceBytes(piece)
    return store
  }

  async #storeOptions(content: InfoDictionary, place: FetchPlace): Promise<FetchStoreOptions> {
    const { info, infoHash } = content
    const { select, overwrite, mayLink, isDryRun } = this.#request
    const checking = new BulkProgress('check', systemClock, this.#events)
    return {
      info,
      infoHash,
      trees: this.#trees,
      ...place,
      selected: selectFiles(info, select, this.#sought.selectedFiles),
      overwrite,
      sidesDir: join(this.#request.network.stateDir, 'side-pieces'),
      ...(await this.#landing.terms(content)),
      elsewhere: this.#known?.filesFor(content, { forgets: !isDryRun, signal: this.#signal }),
      mayLink,
      clock: systemClock,
      random: systemRandom,
      signal: this.#signal,
      onCheck: (bytesDone, bytesTotal) => {
        this.#watch?.noteMove()
        checking.tell(bytesDone, bytesTotal)
      },
      onPlace: (bytesDone, bytesTotal) => {
        this.#watch?.noteMove()
        this.#placing.note(bytesDone, bytesTotal)
      },
    }
  }

  /** What would be fetched now, or why it would be refused; nothing is written. */
  async #foresee(content: InfoDictionary): Promise<FetchResult> {
    const target = this.#landing.targetOf(content)
    const options = await this.#storeOptions(content, { outDir: dirname(target), targetName: basename(target) })
    const found = await surveyFetch(options).catch((cause: unknown) => {
      const error = this.explain(cause)
      if (error instanceof DistroError && error.code === 'TARGET_DIFFERS') return error
      throw cause
    })
    const result = this.#result(content)
    return found instanceof DistroError ? { ...result, refusal: found } : { ...result, ...forecastOf(content.info, result, found) }
  }

  async #join(): Promise<{ participation: Participation; watch: FetchWatch }> {
    const { network } = this.#request
    const { infoHash, infoHashV2, isV2Only, trackers, name } = this.#sought
    const participation = await Participation.join(network, fetchIdentity(this.#request, this.#sought), this.#events)
    this.#participation = participation
    const { swarm, addresses } = participation
    swarm.events.on('peer', (peer) => this.#events.emit('peer', peer))
    this.#broken = whenBroken(swarm, () => this.#store?.isPlaced === true, this.#events)
    this.#broken.catch(() => undefined)
    void participation.announced.then((announced) => {
      const magnet = formatMagnet({
        infoHash: isV2Only ? undefined : infoHash,
        infoHashV2,
        name,
        trackers: trackers.flat(),
        peers: addresses,
      })
      const v2 = infoHashV2 === undefined ? null : toHex(infoHashV2)
      this.#events.emit('ready', { infoHash: toHex(infoHash), infoHashV2: v2, magnet, listen: addresses, announced })
    })
    this.#ticker = new ProgressTicker({
      events: this.#events,
      phase: () => {
        if (this.#content === undefined || !this.#hasHashes) return 'metadata'
        if (this.#placing.isTold) return undefined
        return this.#store?.isPlaced === true && this.#staysAsSeed ? 'seed' : 'fetch'
      },
      status: () => swarm.status(),
      localBytes: () => this.#localBytes,
    })
    const watch = new FetchWatch({
      clock: systemClock,
      startedMs: this.#startedMs,
      timeoutMs: network.timeoutMs,
      stallTimeoutMs: network.stallTimeoutMs,
      swarm,
      hasMetadata: () => this.#content !== undefined,
      hasHashes: () => this.#hasHashes,
      search: () => participation.search,
      isAlone: () => participation.isAlone,
      webSeedDespair: () => this.#webSeeds.despair,
      failedWebSeeds: () => this.#webSeeds.failures,
    })
    this.#watch = watch
    // Web seeds have no metadata to give.
    const hasWebSeeds = this.#content !== undefined && askedWebSeeds(this.#request, this.#sought).length > 0
    if (this.#store?.isPlaced !== true && !hasWebSeeds) participation.warnIfAlone()
    return { participation, watch }
  }

  async #download(participation: Participation, watch: FetchWatch, content: InfoDictionary, store: FetchStore): Promise<void> {
    const { swarm } = participation
    const complete = new Promise<void>((resolve) => swarm.events.on('complete', resolve))
    const { geometry: layout, wanted, servable } = store
    swarm.setTorrent({ infoBytes: content.infoBytes, layout, store, trees: this.#trees, wanted, servable })
    await this.#webSeeds.begin(swarm, content, askedWebSeeds(this.#request, this.#sought))
    await unlessAborted(Promise.race([complete, this.#broken, watch.hopeless]), this.#signal)
    participation.setBytesLeft(0)
    watch.stop()
  }

  async #place(store: FetchStore, content: InfoDictionary): Promise<void> {
    await store.place()
    await this.#known?.note(content, store.targetPath, new Set(store.selection.fileIndexes()))
    await this.#landing.switchTo(content, store)
    this.#placing.end()
  }

  /** Tells those that count that the whole tree is in place; a part of it is no copy. */
  async #tellCopy(): Promise<{ readonly heard: Promise<void> } | undefined> {
    const { hostName, network } = this.#request
    if (this.#participation === undefined || this.#store?.selection.isWhole !== true) return undefined
    return tellCopy(this.#participation.swarm, {
      stateDir: network.stateDir,
      hostName,
      warn: (message) => this.#events.emit('warning', { message }),
    })
  }

  /** The tree was in place before, and nobody was asked for it; who waits for the copy of this host is told of it all the same. */
  async #tellNamed(content: InfoDictionary, store: FetchStore): Promise<void> {
    const identity = fetchIdentity(this.#request, this.#sought)
    await tellNamedPeers({ network: this.#request.network, identity, content, store, trees: this.#trees }, this.#events, this.#signal)
  }

  async #stay(seedForMs: number | undefined): Promise<void> {
    const deadline = seedForMs === undefined ? undefined : new Deadline(this.#signal, seedForMs)
    try {
      await untilAborted(this.#broken, deadline?.signal ?? this.#signal)
    } finally {
      deadline?.stop()
    }
  }

  /** Where the content is or will be, with the selected files. */
  #files(content: InfoDictionary): FetchedFiles {
    const path = this.#store?.targetPath ?? this.#landing.targetOf(content)
    return fetchedFiles(content.info, path, selectFiles(content.info, this.#request.select, this.#sought.selectedFiles))
  }

  #result(content: InfoDictionary): FetchResult {
    const { info, infoHash } = content
    const status = this.#participation?.swarm.status()
    const { path, files, bytes } = this.#files(content)
    const downloaded = status?.downloadedBytes ?? 0
    return {
      path,
      infoHash: toHex(infoHash),
      name: info.name,
      bytes,
      seconds: secondsOf(systemClock.nowMs() - this.#startedMs),
      downloaded,
      uploaded: status?.uploadedBytes ?? 0,
      bySource: bytesBySource(status ?? { bytesDone: 0, webSeedBytes: 0, earlierBytes: 0 }, this.#localBytes),
      zones: status?.zones,
      isDryRun: this.#request.isDryRun,
      files,
    }
  }
}
