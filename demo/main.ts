import { mkdtemp, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatRate, formatSize } from '../src/base/format.ts'
import { differingPaths } from '../test/support/differing-paths.ts'
import { writeRandomTree } from '../test/support/random-tree.ts'
import { DemoSwarm, type Leech, type Participant } from './demo-swarm.ts'
import { type Ink, inkFor } from './ink.ts'
import { LiveBoard, type Screen } from './live-board.ts'
import { sentBy, trafficAmong } from './traffic.ts'
import { trafficTable } from './traffic-table.ts'

const MiB = 1024 ** 2
const CONTENT_BYTES = 256 * MiB
const FILES = 400
/** As a shell says of a command that SIGINT ended. */
const STOPPED = 130
const LEECHES = ['host 1', 'host 2', 'host 3', 'host 4', 'host 5']

/** Shows a swarm of real processes on this machine; resolves to the exit code. */
export async function main(stream: NodeJS.WriteStream): Promise<number> {
  const folder = await mkdtemp(join(await roomyFolder(), 'distro-demo-'))
  const swarm = new DemoSwarm(folder)
  const giveUp = new AbortController()
  const onSignal = (name: NodeJS.Signals): void => {
    if (giveUp.signal.aborted) return
    stream.write(`\nThe demonstration was stopped by ${name}.\n`)
    giveUp.abort()
    void swarm.stop()
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  try {
    return await show(screenUntil(giveUp.signal, stream), swarm, folder, giveUp.signal)
  } catch (error) {
    if (giveUp.signal.aborted) return STOPPED
    stream.write(`\nThe demonstration failed: ${error instanceof Error ? error.message : String(error)}\n`)
    return 1
  } finally {
    await swarm.stop()
    await rm(folder, { recursive: true, force: true })
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
}

async function show(stream: Screen, swarm: DemoSwarm, folder: string, signal: AbortSignal): Promise<number> {
  const ink = inkFor(stream)
  const say = (text = ''): void => stream.write(`${text}\n`)
  const step = (name: string, text: string): void => say(`  ${ink.dim(name.padEnd(8))}  ${text}`)

  say()
  say(`  ${ink.bold('distro')} gives a directory to five hosts, each a process on this machine`)
  say()
  const content = join(folder, 'content')
  await writeRandomTree(content, { seed: 256, files: FILES, totalBytes: CONTENT_BYTES })
  signal.throwIfAborted()
  step('content', `${formatSize(CONTENT_BYTES)} in ${FILES} files`)
  step('dht', `${await swarm.startDht()}, the only address that anybody is told`)
  const seed = await swarm.startSeed(content, LEECHES.length)
  step('seed', `${seed.address}, info-hash ${seed.infoHash}`)
  say()

  const startedMs = performance.now()
  const leeches = await Promise.all(LEECHES.map((name) => swarm.startLeech(name, seed.infoHash)))
  const board = new LiveBoard(stream, ink, leeches)
  try {
    await Promise.all(leeches.map(({ process }) => process.event('done', { timeoutMs: 60_000 })))
  } finally {
    board.stop()
  }
  const seconds = (performance.now() - startedMs) / 1_000
  await Promise.all([seed, ...leeches].map(({ process }) => process.stop()))

  say()
  return await judge(say, ink, content, seed, leeches, seconds)
}

async function judge(
  say: (text?: string) => void,
  ink: Ink,
  content: string,
  seed: Participant,
  leeches: readonly Leech[],
  seconds: number,
): Promise<number> {
  const everybody = [seed, ...leeches]
  const tellers = everybody.map(({ name, address, process }) => ({ name, address, events: process.events() }))
  const traffic = trafficAmong(tellers)
  const names = everybody.map(({ name }) => name)
  say(trafficTable(names, traffic, ink))
  say()

  const delivered = leeches.length * CONTENT_BYTES
  const copies = (sentBy('seed', traffic) / CONTENT_BYTES).toFixed(2)
  say(
    `  ${leeches.length} copies in ${seconds.toFixed(1)} s, ${ink.bold(formatRate(delivered / seconds))} in all, start and discovery included`,
  )
  say(`  ${ink.bold(copies)} copies sent by the seed; the hosts gave each other the rest`)
  say('  loopback has no link limit: all ask the seed at once, faster than they can')
  say('  pass on; on real links it sends little more than one copy')

  const different = await Promise.all(leeches.map(({ tree }) => differingPaths(content, tree)))
  const damaged = leeches.filter((_, index) => (different[index]?.length ?? 0) > 0)
  if (damaged.length > 0) {
    say(`  the trees of ${damaged.map(({ name }) => name).join(', ')} differ from the seed's`)
    return 1
  }
  say(`  ${ink.green(`all ${leeches.length} trees are equal to the seed's`)}, file by file`)
  say()
  return 0
}

/** Memory where there is enough of it, so that the network is shown and not the disk; the temporary folder otherwise. */
async function roomyFolder(): Promise<string> {
  const needed = (LEECHES.length + 2) * CONTENT_BYTES
  const memory = await statfs('/dev/shm').catch(() => undefined)
  return memory !== undefined && memory.bavail * memory.bsize > 2 * needed ? '/dev/shm' : tmpdir()
}

/** What is shown on `stream` until `signal` is aborted, and nothing after it. */
function screenUntil(signal: AbortSignal, stream: NodeJS.WriteStream): Screen {
  return {
    isTTY: stream.isTTY,
    get columns() {
      return stream.columns
    },
    write: (text) => {
      if (!signal.aborted) stream.write(text)
    },
  }
}
