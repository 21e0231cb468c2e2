/** Bytes that no compression shortens, the same for the same `seed`: 32 bits at a time, each call going on where the last one ended. */
export function xorshift(seed: number): (sizeBytes: number) => Uint8Array {
  let state = seed | 0 || 1
  return (sizeBytes) => {
    const words = new Uint32Array(Math.ceil(sizeBytes / 4))
    for (let index = 0; index < words.length; index++) {
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      words[index] = state
    }
    return new Uint8Array(words.buffer, 0, sizeBytes)
  }
}
