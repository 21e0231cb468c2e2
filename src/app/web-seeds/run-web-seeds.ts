import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DistroError } from '../../base/errors.ts'
import type { Events } from '../../base/events.ts'
import { formatSeconds } from '../../base/format.ts'
import { systemClock } from '../../base/system-clock.ts'
import type { Swarm } from '../../swarm/swarm.ts'
import type { InfoDictionary } from '../../torrent/info.ts'
import type { NamedBy, WebSeed } from '../../web-seed/web-seed.ts'
import type { WebSeedControl, WebSeedStatus } from '../control/run-port.ts'
import type { VerbEvents } from '../events.ts'
import { checkFolders } from './check-folders.ts'
import { HeldWarnings } from './held-warnings.ts'
import { tryWebSeed } from './try-web-seed.ts'
import type { WebSeedAccess } from './web-seed-access.ts'
import { webSeedIdentity } from './web-seed-identity.ts'

/** A web seed that somebody named: a URL, or what only the operator may name, such as a folder. */
export interface NamedWebSeed {
  readonly url: string
  readonly namedBy: NamedBy
}

/** What web seeds need of the swarm that asks them. */
export type SwarmOfWebSeeds = Pick<Swarm, 'events' | 'webSeeds' | 'addWebSeed' | 'removeWebSeed'>

/** How what the person names while a fetch runs is looked at before it is asked. */
export interface WebSeedChecks {
  readonly checkFolders: typeof checkFolders
  readonly tryWebSeed: typeof tryWebSeed
}

/** What a web seed was opened from. */
interface OpenWebSeed {
  readonly url: string
  /** The same for all ways to write that URL. */
  readonly identity: string
  readonly webSeed: WebSeed
}

/** What the person changes while it runs. */
interface Change {
  /** Given up, and asked anew. */
  readonly instead: OpenWebSeed | undefined
  /** Called just before the new one is asked. */
  readonly onOpen: (() => void) | undefined
}

/** The web seeds of one fetch: opens those that were named, and lets the person change them while it runs. */
export class RunWebSeeds implements WebSeedControl {
  readonly #access: WebSeedAccess
  readonly #events: Events<VerbEvents>
  readonly #checks: WebSeedChecks
  readonly #held: HeldWarnings
  readonly #open = new Set<OpenWebSeed>()
  /** No longer asked; ranges may still be on their way from them. */
  readonly #retired = new Set<WebSeed>()
  #swarm: SwarmOfWebSeeds | undefined
  #content: InfoDictionary | undefined
  #isClosed = false
  /** Never rejects. */
  #lastChange: Promise<unknown> = Promise.resolve()
  #lastFailure: string | undefined
  /** What to do about that. */
  #lastHint: string | undefined
  /** What is told of one that sent wrong data. */
  #lie: string | undefined

  /** `checks` are others than usual in tests. */
  constructor(access: WebSeedAccess, events: Events<VerbEvents>, checks: WebSeedChecks = { checkFolders, tryWebSeed }) {
    this.#access = access
    this.#events = events
    this.#checks = checks
    this.#held = new HeldWarnings(systemClock, (message) => events.emit('warning', { message }))
  }

  /** The torrent is known: those of `named` that can be asked are asked from now on. Throws for what the operator named wrongly. */
  async begin(swarm: SwarmOfWebSeeds, content: InfoDictionary, named: readonly NamedWebSeed[]): Promise<void> {
    this.#swarm = swarm
    this.#content = content
    swarm.events.on('webSeed', ({ message, hint, isOut, hasLied }) => {
      this.#lastFailure = message
      this.#lastHint = hint
      if (hasLied) this.#lie = message
      const next = hasLied ? '' : isOut ? ' It is not asked again.' : this.#nextTry(message)
      const sentence = `${message}${hint === undefined ? '' : ` ${hint}`}${next}`
      const status = swarm.webSeeds().find(({ lastFailure }) => lastFailure === message)
      if (status !== undefined && isOut) this.#held.drop(status.webSeed)
      else if (status !== undefined && status.state !== 'waiting' && status.downloadedBytes === 0) {
        this.#held.hold(status.webSeed, sentence)
        return
      } else if (status !== undefined) this.#held.release(status.webSeed)
      this.#events.emit('warning', { message: sentence })
    })
    swarm.events.on('webSeedLeft', (webSeed) => {
      void webSeed.close().then(() => this.#retired.delete(webSeed))
    })
    const netrcText = named.length === 0 ? '' : await readNetrc(this.#access.env)
    for (const { url, namedBy } of named) {
      try {
        await this.#add(url, namedBy, netrcText)
      } catch (error) {
        if (namedBy === 'operator' || !(error instanceof DistroError)) throw error
        this.#lastFailure = error.message
        this.#events.emit('warning', { message: error.message })
      }
    }
  }

  /** Why none of them can help any more; undefined where one may, or none was there. */
  get despair(): DistroError | undefined {
    const isAnyLeft = this.list().some(({ state }) => state !== 'out')
    if (this.#swarm === undefined || isAnyLeft || this.#lastFailure === undefined) return undefined
    if (this.#lie !== undefined) {
      return new DistroError('VERIFY_FAILED', `No web seed is left to ask. ${this.#lie}`, {
        hint: 'Is the content there that of this torrent? The pieces that were right are kept.',
      })
    }
    return new DistroError('NETWORK_FAILED', `No web seed is left to ask. ${this.#lastFailure}`, {
      hint: `${this.#lastHint ?? 'Name another one with --web-seed, or a peer with --peer.'} What was verified is kept.`,
    })
  }

  /** Of each that gave nothing so far and failed, the sentence that says why. */
  get failures(): readonly string[] {
    const silent = this.list().filter(({ downloadedBytes, state }) => downloadedBytes === 0 && state !== 'leaving')
    return silent.flatMap(({ lastFailure }) => (lastFailure === null ? [] : [lastFailure]))
  }

  /** When the web seed that failed with `message` is asked again. */
  #nextTry(message: string): string {
    const retryInMs = this.list().find(({ lastFailure }) => lastFailure === message)?.retryInMs ?? null
    return retryInMs === null ? '' : ` It is asked again in ${formatSeconds(Math.ceil(retryInMs / 1_000))}.`
  }

  list(): readonly WebSeedStatus[] {
    return (this.#swarm?.webSeeds() ?? []).map(({ webSeed: _, lastFailure = null, retryInMs = null, ...status }) => ({
      ...status,
      lastFailure,
      retryInMs,
    }))
  }

  add(url: string): Promise<string> {
    return this.#inTurn(async () => {
      this.#refuseUnlessRunning()
      return (await this.#addAnew(url)).label
    })
  }

  remove(url: string): Promise<string> {
    return this.#inTurn(async () => {
      const known = this.#known(url)
      this.#retire(known, false)
      // Whoever took the last one away means to go on without, or to add another.
      if (this.#open.size === 0) this.#lastFailure = undefined
      return known.webSeed.label
    })
  }

  replace(url: string, by: string): Promise<{ readonly removed: string; readonly added: string }> {
    return this.#inTurn(async () => {
      const known = this.#known(url)
      // What is on its way from the old one has been paid for: the new one must not find it a source to take blocks over from.
      const added = await this.#addAnew(by, () => {
        if (this.#open.has(known)) this.#retire(known, true)
      })
      return { removed: known.webSeed.label, added: added.label }
    })
  }

  /** Ends everything that is on its way. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#held.releaseAll()
    const all = [...[...this.#open].map(({ webSeed }) => webSeed), ...this.#retired]
    await Promise.all(all.map((webSeed) => webSeed.close()))
  }

  /** One change begins when those before it are done: it is judged by what they left. */
  #inTurn<Value>(change: () => Promise<Value>): Promise<Value> {
    const changed = this.#lastChange.then(change)
    this.#lastChange = changed.catch(() => undefined)
    return changed
  }

  /** Adds what is not asked yet; what was given up gets a new start, for the person may have mended it. `onOpen` is called just before. */
  async #addAnew(url: string, onOpen?: () => void): Promise<WebSeed> {
    const known = this.#find(url)
    if (known !== undefined && !this.#isOut(known)) {
      throw new DistroError('USAGE', `${known.webSeed.label} is asked already.`, { hint: 'distro web-seed list shows them all.' })
    }
    await this.#checks.checkFolders([url], this.#access.cwd)
    // A label is no URL that could be asked.
    const whole = known?.webSeed.label === url ? known.url : url
    const change = { instead: known, onOpen }
    const webSeed = await this.#add(whole, 'operator', await readNetrc(this.#access.env), change)
    if (known !== undefined && this.#open.has(known)) this.#retire(known, false)
    return webSeed
  }

  #isOut({ webSeed }: OpenWebSeed): boolean {
    return this.#swarm?.webSeeds().some((status) => status.webSeed === webSeed && status.state === 'out') ?? false
  }

  /**
   * `netrcText` is read anew for each web seed that a person adds, and once for all that were named at the start. What is added by a
   * `change` is tried first.
   */
  async #add(url: string, namedBy: NamedBy, netrcText: string, change?: Change): Promise<WebSeed> {
    const content = this.#content as InfoDictionary
    const [{ openWebSeed }, { parseNetrc }] = await Promise.all([
      import('../../web-seed/open-web-seed.ts'),
      import('../../web-seed/credentials/netrc.ts'),
    ])
    const { env, cwd } = this.#access
    const netrc = parseNetrc(netrcText)
    const webSeed = openWebSeed(url, namedBy, { content, clock: systemClock, now: () => new Date(), env, cwd, netrc })
    const identity = webSeedIdentity(url, cwd)
    const isKnown = [...this.#open].some((open) => open.identity === identity && open !== change?.instead)
    try {
      if (change !== undefined && !isKnown) await this.#checks.tryWebSeed(webSeed, content)
    } catch (error) {
      await webSeed.close()
      throw error
    }
    if (isKnown || this.#isClosed) {
      await webSeed.close()
      return webSeed
    }
    change?.onOpen?.()
    this.#open.add({ url, identity, webSeed })
    this.#swarm?.addWebSeed(webSeed, namedBy)
    return webSeed
  }

  #retire(known: OpenWebSeed, isPatient: boolean): void {
    const status = this.#swarm?.webSeeds().find(({ webSeed }) => webSeed === known.webSeed)
    // What it sent is not why the others cannot help.
    if (status?.lastFailure === this.#lie) this.#lie = undefined
    this.#held.drop(known.webSeed)
    this.#open.delete(known)
    this.#retired.add(known.webSeed)
    this.#swarm?.removeWebSeed(known.webSeed, isPatient)
  }

  /** The one that `url` names, which may be a label. Throws USAGE where that label is the label of several. */
  #find(url: string): OpenWebSeed | undefined {
    const identity = webSeedIdentity(url, this.#access.cwd)
    const same = [...this.#open].find((open) => open.identity === identity)
    if (same !== undefined) return same
    const [labelled, another] = [...this.#open].filter(({ webSeed }) => webSeed.label === url)
    if (another === undefined) return labelled
    throw new DistroError('USAGE', `Several web seeds of this run are shown as ${url}.`, {
      hint: 'Give the URL in full, with its query.',
    })
  }

  #known(url: string): OpenWebSeed {
    this.#refuseUnlessRunning()
    const known = this.#find(url)
    if (known !== undefined) return known
    throw new DistroError('INPUT_MISSING', 'This run has no such web seed.', { hint: 'distro web-seed list shows them all.' })
  }

  #refuseUnlessRunning(): void {
    if (this.#swarm !== undefined && !this.#isClosed) return
    throw new DistroError('BUSY', 'This run takes no web seeds at this moment.', {
      hint: 'Try again once it transfers; distro ps says what it does.',
    })
  }
}

/** The text of the netrc file that `NETRC` names, or of `~/.netrc`; empty when there is none. */
async function readNetrc({ NETRC, HOME }: WebSeedAccess['env']): Promise<string> {
  const path = NETRC ?? (HOME === undefined ? undefined : join(HOME, '.netrc'))
  return path === undefined ? '' : readFile(path, 'utf8').catch(() => '')
}
