import { randomUUID } from 'node:crypto'
import { open, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { PeerAddress } from '../base/address.ts'
import { mayDial } from '../base/network-scope.ts'
import { makeFolder } from '../store/make-folder.ts'

const MAX_BYTES = 256 * 1024
const MAX_NODES = 400
const MAX_NETWORKS = 8
const VERSION = 1

/**
 * The nodes of `network` that a DHT node of an earlier run knew. Networks are kept apart, so that nobody who starts in a closed network
 * asks nodes of the public one. The file is only a hint: unreadable, foreign or damaged means an empty list, and each node must answer
 * before it counts.
 */
export async function loadDhtNodes(file: string, network: string): Promise<readonly PeerAddress[]> {
  return (await loadNetworks(file)).get(network) ?? []
}

/** Puts the nodes of `network` into the file, whole or not at all. Throws what the file system throws. */
export async function saveDhtNodes(file: string, network: string, nodes: readonly PeerAddress[]): Promise<void> {
  await makeFolder(dirname(file))
  const networks = new Map(await loadNetworks(file))
  networks.delete(network)
  const others = [...networks].slice(-(MAX_NETWORKS - 1))
  const listed = nodes.slice(0, MAX_NODES).map(({ host, port }) => ({ host, port }))
  const draft = `${file}.${randomUUID()}`
  try {
    await writeFile(draft, `${JSON.stringify({ version: VERSION, networks: [...others, [network, listed]] })}\n`, {
      flag: 'wx',
      mode: 0o600,
    })
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

async function loadNetworks(file: string): Promise<ReadonlyMap<string, readonly PeerAddress[]>> {
  try {
    const handle = await open(file, 'r')
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAX_BYTES + 1), 0, MAX_BYTES + 1, 0)
      return bytesRead > MAX_BYTES ? new Map() : networksOf(JSON.parse(buffer.toString('utf8', 0, bytesRead)))
    } finally {
      await handle.close()
    }
  } catch {
    return new Map()
  }
}

function networksOf(state: unknown): ReadonlyMap<string, readonly PeerAddress[]> {
  const networks = new Map<string, readonly PeerAddress[]>()
  if (typeof state !== 'object' || state === null || !('version' in state) || state.version !== VERSION) return networks
  if (!('networks' in state) || !Array.isArray(state.networks)) return networks
  for (const entry of state.networks.slice(0, MAX_NETWORKS)) {
    if (!Array.isArray(entry)) continue
    const [network, nodes]: readonly unknown[] = entry
    if (typeof network === 'string' && Array.isArray(nodes)) networks.set(network, nodes.slice(0, MAX_NODES).filter(isNode))
  }
  return networks
}

function isNode(node: unknown): node is PeerAddress {
  if (typeof node !== 'object' || node === null || !('host' in node) || !('port' in node)) return false
  const { host, port } = node
  return typeof host === 'string' && typeof port === 'number' && !host.includes(':') && mayDial({ host, port }, 'host')
}
