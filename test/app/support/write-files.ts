import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { xorshift } from '../../support/xorshift.ts'

/** Writes one file per entry below `folder`, so many bytes long; content depends on the path and the length alone. */
export async function writeFiles(folder: string, sizes: Readonly<Record<string, number>>): Promise<string> {
  for (const [path, sizeBytes] of Object.entries(sizes)) {
    const file = join(folder, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, noise(path, sizeBytes))
  }
  return folder
}

/** `sizeBytes` bytes that no two places share. */
export function noise(name: string, sizeBytes: number): Uint8Array {
  const seed = [...name].reduce((sum, letter) => Math.imul(sum ^ letter.charCodeAt(0), 16_777_619), 2_166_136_261 ^ sizeBytes)
  return xorshift(seed)(sizeBytes)
}
