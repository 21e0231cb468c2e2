import { onTestFinished } from 'vitest'
import { DhtNode, type DhtNodeOptions } from '../../../src/discovery/dht-node.ts'

/** A DHT node on loopback, alone unless told where to start; stopped when the test is over. */
export async function startDht(options: Partial<DhtNodeOptions> = {}): Promise<DhtNode> {
  const node = new DhtNode()
  await node.start({ host: '127.0.0.1', port: 0, isPortFixed: false, bootstrap: [], ...options })
  onTestFinished(() => node.stop())
  return node
}

/** A private DHT of `count` nodes, of which all know the first and soon most others. */
export async function startNetwork(count: number): Promise<readonly [DhtNode, ...DhtNode[]]> {
  const first = await startDht()
  const others = Array.from({ length: count - 1 }, () => startDht({ bootstrap: [first.address] }))
  return [first, ...(await Promise.all(others))]
}

/** Resolves when the node has found others. */
export function connected(node: DhtNode): Promise<void> {
  if (node.nodeCount > 0) return Promise.resolve()
  return new Promise((resolve) => {
    const release = node.on('connected', () => {
      release()
      resolve()
    })
  })
}
