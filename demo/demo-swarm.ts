import { join } from 'node:path'
import { DistroProcess } from '../test/support/distro-process.ts'

/** One process of the demonstration that takes part in the swarm. */
export interface Participant {
  readonly name: string
  readonly process: DistroProcess
  /** `host:port` on which it accepts peers. */
  readonly address: string
}

/** A host that fetches, and where its copy lands. */
export interface Leech extends Participant {
  readonly tree: string
}

/** Everything that the demonstration started. */
export class DemoSwarm {
  readonly #folder: string
  readonly #processes: DistroProcess[] = []
  #bootstrap = ''
  #isStopped = false

  /** `folder` is where processes keep their state and leeches put their copies. */
  constructor(folder: string) {
    this.#folder = folder
  }

  /** Starts the node from which all others find each other; resolves to its address. */
  async startDht(): Promise<string> {
    const node = this.#start(['dht', '--json', ...this.#ownPort('dht')])
    this.#bootstrap = String((await node.event('listening')).address)
    return this.#bootstrap
  }

  /** Publishes `tree`; resolves once the DHT knows of it. The seed leaves by itself when `copies` hosts have all of it. */
  async startSeed(tree: string, copies: number): Promise<Participant & { readonly infoHash: string }> {
    const words = ['seed', tree, '--until-copies', String(copies), '--json', ...this.#ownPort('seed')]
    const process = this.#start([...words, ...this.#discovery()])
    const ready = await process.event('ready', { timeoutMs: 60_000 })
    return { name: 'seed', process, address: firstOf(ready.listen), infoHash: String(ready.infoHash) }
  }

  /** Starts a host that knows the info-hash and the DHT node, and nothing else. */
  async startLeech(name: string, infoHash: string): Promise<Leech> {
    const out = join(this.#folder, name.replace(' ', '-'))
    const words = ['fetch', infoHash, '--out', out, '--keep-seeding', '--timeout', '55s', '--json', ...this.#ownPort(name)]
    const process = this.#start([...words, ...this.#discovery()])
    const ready = await process.event('ready', { timeoutMs: 60_000 })
    return { name, process, address: firstOf(ready.listen), tree: join(out, 'content') }
  }

  /** Asks everything that still runs to stop and waits for it. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await Promise.all(this.#processes.map((process) => process.stop()))
  }

  #start(words: readonly string[]): DistroProcess {
    if (this.#isStopped) throw new Error('The demonstration was stopped.')
    const process = new DistroProcess(words)
    this.#processes.push(process)
    return process
  }

  #ownPort(name: string): string[] {
    return ['--bind', '127.0.0.1', '--port', '0', '--state-dir', join(this.#folder, 'state', name.replace(' ', '-'))]
  }

  #discovery(): string[] {
    return ['--no-lsd', '--dht-bootstrap', this.#bootstrap]
  }
}

function firstOf(list: unknown): string {
  return String((list as readonly unknown[])[0])
}
