/**
 * Copies `bytes` into `target` from `offset` on; they must fit. Faster than `target.set` where the target is shared between threads:
 * there, `set` keeps to the memory model of JavaScript and goes byte by byte as soon as the two are not aligned alike, while `fill`
 * with an array as its pattern moves memory as the processor can.
 */
export function copyBytes(bytes: Uint8Array, target: Uint8Array, offset: number): void {
  if (bytes.length > 0) Buffer.prototype.fill.call(target, bytes, offset, offset + bytes.length)
}
