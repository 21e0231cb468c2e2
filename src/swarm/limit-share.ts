import type { BlockSource } from './block-source.ts'

/**
 * What to have asked of `source` ahead at most while all sources together may give `downBytesPerSecond`: what that lets through in a second,
 * cut into equal shares, and to each as much more as it gives in a second. Whatever was asked for comes as fast as the line is, and waits in
 * the buffers of the network; so nobody would keep to a limit who asks for more. Infinite without a limit.
 */
export function limitShareBytes(downBytesPerSecond: number, sourceCount: number, source: Pick<BlockSource, 'downMeter'>): number {
  if (downBytesPerSecond === Number.POSITIVE_INFINITY) return downBytesPerSecond
  return Math.min(downBytesPerSecond, downBytesPerSecond / sourceCount + source.downMeter.bytesPerSecond())
}
