import { onTestFinished } from 'vitest'
import type { Clock } from '../../../src/base/clock.ts'
import type { DistroError } from '../../../src/base/errors.ts'
import { RateLimit } from '../../../src/base/rate-limit.ts'
import { systemClock } from '../../../src/base/system-clock.ts'
import { ContentServer, type ServerPatience } from '../../../src/web-server/content-server.ts'
import type { ContentSource } from '../../../src/web-server/content-source.ts'
import { memorySource } from '../../../src/web-server/memory-source.ts'
import { WEB_SERVER_LIMITS } from '../../../src/web-server/web-server-limits.ts'
import { bytesOfFile, type SampleTorrent, sampleTorrent } from '../../store/sample-torrent.ts'

/** What a test says of its server; the rest is usual. */
export interface ServingPlan {
  readonly sample?: SampleTorrent
  readonly clock?: Clock
  readonly limit?: RateLimit
  readonly patience?: Partial<ServerPatience>
  /** In place of the right bytes, from memory. */
  readonly sourceOf?: (file: number, right: ContentSource) => ContentSource
}

/** A server at work, and what it was told to serve. */
export interface Serving {
  readonly server: ContentServer
  readonly sample: SampleTorrent
  /** What it told of content that it could not give. */
  readonly errors: readonly DistroError[]
  readonly url: string
}

/** A tree with a large file, an empty one, and one whose name needs to be encoded. */
export const sampleTree: SampleTorrent = sampleTorrent(
  [
    ['big.bin', 3_000_001],
    ['empty', 0],
    ['sub dir/a#b?c%20 ü.txt', 20],
  ],
  { name: 'tree' },
)

/** A server on a free port of the loopback; it is closed when the test is over. */
export async function serving(plan: ServingPlan = {}): Promise<Serving> {
  const sample = plan.sample ?? sampleTree
  const errors: DistroError[] = []
  const server = await ContentServer.start({
    clock: plan.clock ?? systemClock,
    host: '127.0.0.1',
    port: 0,
    limit: plan.limit ?? new RateLimit(systemClock, Number.POSITIVE_INFINITY),
    patience: { ...WEB_SERVER_LIMITS, ...plan.patience },
    content: {
      info: sample.info,
      infoHash: sample.infoHash,
      modifiedMs: () => Date.parse('2026-01-01T00:00:00.500Z'),
      sourceOf: (file) => {
        const right = memorySource(bytesOfFile(sample, file))
        return plan.sourceOf?.(file, right) ?? right
      },
    },
    onUnreadable: (error) => errors.push(error),
  })
  onTestFinished(() => server.close())
  return { server, sample, errors, url: `http://127.0.0.1:${server.port}/` }
}
