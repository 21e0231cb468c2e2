import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { xorshift } from './xorshift.ts'

/** A tree to generate: the same numbers give the same bytes on every machine. */
export interface TreePlan {
  readonly seed: number
  readonly files: number
  readonly totalBytes: number
}

/** Writes `files` files of different sizes, some in subfolders, into `folder`; sizes add up to `totalBytes`. */
export async function writeRandomTree(folder: string, { seed, files, totalBytes }: TreePlan): Promise<void> {
  const fill = xorshift(seed * 2_654_435_761)
  for (const [index, sizeBytes] of fileSizes(files, totalBytes).entries()) {
    const path = join(folder, filePath(index))
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, fill(sizeBytes))
  }
}

/** The size of each file: they grow from first to last, so that small and large ones meet in one torrent. */
function fileSizes(files: number, totalBytes: number): number[] {
  const weights = Array.from({ length: files }, (_, index) => (index + 1) ** 2)
  const totalWeight = weights.reduce((sum, weight) => sum + weight, 0)
  const sizes = weights.map((weight) => Math.floor((totalBytes * weight) / totalWeight))
  const rest = totalBytes - sizes.reduce((sum, size) => sum + size, 0)
  return sizes.map((size, index) => (index === files - 1 ? size + rest : size))
}

function filePath(index: number): string {
  const name = `file-${String(index).padStart(3, '0')}.bin`
  return index % 4 === 0 ? name : join(`part-${index % 4}`, `layer-${index % 3}`, name)
}
