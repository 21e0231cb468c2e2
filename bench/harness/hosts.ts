import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { DistroError } from '../../src/base/errors.ts'
import { undoAtExit } from './leftovers.ts'

/** What a shaped link lets pass at once, and how long a packet may wait in its queue. */
const SHAPE = ['burst', '256kb', 'latency', '100ms'] as const

const NAMESPACE = 'distro-bench-'
const BRIDGE = 'dbb'
const LINK = 'dbv'

/** Hosts 0 to `count` - 1, each a network namespace behind one bridge, and one more, unshaped, for the tracker. */
export interface Hosts {
  readonly trackerHost: number
  /** Words that run a command on a host. */
  enter(host: number): string[]
  addressOf(host: number): string
  /** Bytes a host has put on its wire, headers included. */
  sentBytes(host: number): number
  /** Takes everything down again. */
  remove(): void
}

/**
 * Builds the hosts, every link but the tracker's shaped to `mbit` both ways. They reach each other and nothing else.
 *
 * @throws DistroError `USAGE` without root, `NETWORK_FAILED` when the kernel refuses.
 */
export function buildHosts(count: number, mbit: number): Hosts {
  if (process.getuid?.() !== 0) throw new DistroError('USAGE', 'network namespaces need root', { hint: 'run it as root' })
  removeAbandoned()
  const own = String(process.pid)
  const remove = undoAtExit(() => removeOwnedBy(own))
  const nameOf = (host: number): string => `${NAMESPACE}${own}-${host}`
  const linkOf = (host: number): string => `${LINK}${own}n${host}`
  const addressOf = (host: number): string => `10.77.${host >> 8}.${(host & 255) + 1}`
  const bridge = `${BRIDGE}${own}`
  ip('link', 'add', bridge, 'type', 'bridge')
  ip('link', 'set', bridge, 'up')
  for (let host = 0; host <= count; host++) {
    const [name, link] = [nameOf(host), linkOf(host)]
    ip('netns', 'add', name)
    ip('link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'address', macOf(host), 'netns', name)
    ip('link', 'set', link, 'master', bridge, 'up')
    ip('-n', name, 'link', 'set', 'lo', 'up')
    ip('-n', name, 'addr', 'add', `${addressOf(host)}/16`, 'dev', 'eth0')
    ip('-n', name, 'link', 'set', 'eth0', 'up')
    ip('-n', name, 'route', 'add', 'default', 'dev', 'eth0')
    const others = Array.from({ length: count + 1 }, (_, other) => other).filter((other) => other !== host)
    const words = others.map((other) => `neigh add ${addressOf(other)} lladdr ${macOf(other)} dev eth0 nud permanent`)
    run('ip', ['-n', name, '-batch', '-'], words.join('\n'))
    if (host === count) continue
    run('ip', ['netns', 'exec', name, 'tc', 'qdisc', 'replace', 'dev', 'eth0', 'root', 'tbf', 'rate', `${mbit}mbit`, ...SHAPE])
    run('tc', ['qdisc', 'replace', 'dev', link, 'root', 'tbf', 'rate', `${mbit}mbit`, ...SHAPE])
  }
  return {
    trackerHost: count,
    enter: (host) => ['ip', 'netns', 'exec', nameOf(host)],
    addressOf,
    sentBytes: (host) => Number(readFileSync(`/sys/class/net/${linkOf(host)}/statistics/rx_bytes`, 'latin1')),
    remove,
  }
}

/**
 * Each host is told the others' hardware addresses. The kernel has room for 1,024 that were asked for, those of all namespaces together,
 * and the questions would be lost in queues that are full.
 */
function macOf(host: number): string {
  const hex = (byte: number): string => byte.toString(16).padStart(2, '0')
  return `02:77:00:00:${hex(host >> 8)}:${hex(host & 255)}`
}

/** Takes down what a benchmark that was killed left behind; those of living processes are not touched. */
function removeAbandoned(): void {
  const owners = new Set([...listNamespaces(), ...listLinks(BRIDGE)].map((name) => /\d+/.exec(name)?.[0] ?? ''))
  for (const owner of owners) if (owner !== '' && !existsSync(`/proc/${owner}`)) removeOwnedBy(owner)
}

function removeOwnedBy(owner: string): void {
  for (const link of listLinks(`${LINK}${owner}n`)) quietly('ip', 'link', 'del', link)
  for (const name of listNamespaces()) if (name.startsWith(`${NAMESPACE}${owner}-`)) quietly('ip', 'netns', 'del', name)
  quietly('ip', 'link', 'del', `${BRIDGE}${owner}`)
}

function listNamespaces(): string[] {
  const words = quietly('ip', 'netns', 'list').split(/\s+/)
  return words.filter((word) => word.startsWith(NAMESPACE))
}

function listLinks(prefix: string): string[] {
  const names = quietly('ip', '-o', 'link').matchAll(/^\d+: ([^:@]+)/gm)
  return [...names].map((match) => match[1] ?? '').filter((name) => name.startsWith(prefix))
}

function quietly(program: string, ...words: string[]): string {
  return spawnSync(program, words, { encoding: 'utf8' }).stdout
}

function ip(...words: string[]): void {
  run('ip', words)
}

function run(program: string, words: readonly string[], input = ''): void {
  const { status, stderr } = spawnSync(program, words, { encoding: 'utf8', input })
  if (status !== 0)
    throw new DistroError('NETWORK_FAILED', `${program} ${words.join(' ')} failed: ${stderr}`, { hint: 'iproute2 and root are needed' })
}
