import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Writes one file per entry below `folder`, so many bytes long; content depends on the path and the length alone. */
export async function writeFiles(folder: string, sizes: Readonly<Record<string, number>>): Promise<string> {
  for (const [path, sizeBytes] of Object.entries(sizes)) {
    const file = join(folder, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, noise(path, sizeBytes))
  }
  return folder
}

/** `sizeBytes` bytes that no two places share (xorshift). */
export function noise(name: string, sizeBytes: number): Uint8Array {
  let state = [...name].reduce((sum, letter) => Math.imul(sum ^ letter.charCodeAt(0), 16_777_619), 2_166_136_261 ^ sizeBytes) || 1
  const words = new Uint32Array(Math.ceil(sizeBytes / 4))
  for (let index = 0; index < words.length; index++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    words[index] = state
  }
  return new Uint8Array(words.buffer, 0, sizeBytes)
}
