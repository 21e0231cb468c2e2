import { randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { PeerAddress } from '../base/address.ts'
import { mayDial } from './peer-filter.ts'

const MAX_BYTES = 64 * 1024
const MAX_NODES = 400
const VERSION = 1

/**
 * The nodes that a DHT node of an earlier run knew. The file is only a hint: unreadable, foreign or damaged means an empty list,
 * and each node must answer before it counts.
 */
export async function loadDhtNodes(file: string): Promise<readonly PeerAddress[]> {
  try {
    const handle = await open(file, 'r')
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAX_BYTES + 1), 0, MAX_BYTES + 1, 0)
      return bytesRead > MAX_BYTES ? [] : nodesOf(JSON.parse(buffer.toString('utf8', 0, bytesRead)))
    } finally {
      await handle.close()
    }
  } catch {
    return []
  }
}

/** Writes the list for the next run, whole or not at all. Throws what the file system throws. */
export async function saveDhtNodes(file: string, nodes: readonly PeerAddress[]): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const draft = `${file}.${randomUUID()}`
  try {
    const handle = await open(draft, 'wx', 0o600)
    try {
      const listed = nodes.slice(0, MAX_NODES).map(({ host, port }) => ({ host, port }))
      await handle.writeFile(`${JSON.stringify({ version: VERSION, nodes: listed })}\n`)
    } finally {
      await handle.close()
    }
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

function nodesOf(state: unknown): readonly PeerAddress[] {
  if (typeof state !== 'object' || state === null || !('version' in state) || state.version !== VERSION) return []
  if (!('nodes' in state) || !Array.isArray(state.nodes)) return []
  return state.nodes.slice(0, MAX_NODES).filter(isNode)
}

function isNode(node: unknown): node is PeerAddress {
  if (typeof node !== 'object' || node === null || !('host' in node) || !('port' in node)) return false
  const { host, port } = node
  return typeof host === 'string' && typeof port === 'number' && !host.includes(':') && mayDial({ host, port }, 'host')
}
